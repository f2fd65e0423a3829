#pragma once

#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/upkeep.h"

namespace cdclake::metadata {

/// Files that may go by their age, by folder. Of Bronze the compacted ones, whole folders of ended
/// runs; of the stage the merged ones.
Result<std::vector<ExpiringFiles>> expiring_files(Database& database, const ExpiryTimes& before);
/// Whether the file with this number may be taken out, whatever its age: nobody reads it next.
Result<bool> may_leave(Database& database, std::int64_t file_key);

/// Of every partition of which records have expired: from which offset on Bronze still holds all.
Result<std::vector<model::Position>> bronze_begins(Database& database);

}  // namespace cdclake::metadata
