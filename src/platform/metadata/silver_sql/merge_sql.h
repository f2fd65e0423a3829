#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

Status commit_merge(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    const MergeCommit& commit);

Result<std::vector<model::Position>> merge_positions(Database& database, TableKey table);
Result<std::optional<CurrentVersion>> current_version(Database& database, TableKey table);
Result<std::vector<std::string>> held_back(Database& database, TableKey table);

}  // namespace cdclake::metadata
