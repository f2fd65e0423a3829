#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/upkeep.h"

namespace cdclake::metadata {

/// Records a rewritten stage file in place of those that it replaces, or that files have expired.
/// kConflict where one of them is no longer live in the folder, or is read by somebody next;
/// kCorrupt where rows would be lost or doubled.
Status commit_upkeep(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                     const UpkeepCommit& commit);

/// The live files whose final names are in the folder.
Result<std::vector<PreparedFile>> live_files_in(Database& database, const lake::LakePath& folder);

}  // namespace cdclake::metadata
