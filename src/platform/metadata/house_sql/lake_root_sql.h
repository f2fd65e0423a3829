#pragma once

#include <optional>
#include <string>

#include "platform/lake/lake_path.h"
#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

Result<std::optional<std::string>> bound_lake(Database& database, lake::Root root);
/// Returns what the root is bound to afterwards: one that is bound already stays so.
Result<std::string> bind_lake(Database& database, const LeaseGrant& lease, lake::Root root,
                              const std::string& lake_id);
Result<bool> names_files(Database& database, lake::Root root);
/// The number of the newest file: rows of files are never removed.
Result<std::int64_t> files_named(Database& database);

}  // namespace cdclake::metadata
