#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

/// kCorrupt unless the new file holds exactly the segments of the parts, and the parts are all that
/// lies in the folder; kConflict where a part is no longer live or the run goes on.
Status commit_compaction(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                         const CompactionCommit& commit);

Result<std::vector<CompactableFolder>> compactable_folders(Database& database);

}  // namespace cdclake::metadata
