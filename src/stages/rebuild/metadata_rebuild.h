#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "stages/rebuild/bronze_inventory.h"

namespace cdclake::rebuild {

struct MetadataReport {
  std::int64_t files = 0;  ///< Of Bronze.
  std::int64_t bytes = 0;
  std::int64_t records = 0;
  std::int64_t partitions = 0;
  std::vector<model::Gap> gaps;
  std::string kept;           ///< Where the store from before is; empty where there was none.
  bool moved_silver = false;  ///< It was filled, and is made again by the next run.
};

/// Makes the metadata store again from the files of the lake: Bronze comes back whole, Silver is
/// moved out of sight, for the stage and the merge to make it again from Bronze.
///
/// Needs the lake for itself: kConflict where any job holds a role. kInvalidConfig where the store
/// that is there is another lake's. The new store is filled beside
/// the old one, which is kept as it was; only when it is whole and durable it takes the
/// old one's place. A process that dies leaves the old store, or none, or the new one that does not
/// work yet because Silver was not moved: all are refused by every job, or as good as before, and
/// the next rebuild begins anew.
Result<MetadataReport> rebuild_metadata(lake::LakeFs& fs, const std::string& store_path,
                                        const Clock& clock, const Progress& progress);

}  // namespace cdclake::rebuild
