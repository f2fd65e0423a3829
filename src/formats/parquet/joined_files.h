#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::parquet {

/// Stage files of one shape, in the order of their rows.
struct StageParts {
  lake::LakeFs& fs;
  const std::vector<lake::LakePath>& paths;
  const model::TableSchema& schema;
  std::stop_token stop;  ///< kCancelled soon after it is asked for.
};

/// Writes the rows of the parts, one part after the other, as one stage file. Returns their number.
/// Memory is bounded by a row group of a part and one of the new file. Owns no durability.
Result<std::int64_t> join_stage_files(const StageParts& parts, lake::FileWriter& out,
                                      const std::map<std::string, std::string>& footer);

/// Reads all of them, and compares every cell: kCorrupt unless the joined file holds the rows of
/// the parts, in their order, and no others.
Status prove_joined(const StageParts& parts, const lake::LakePath& joined);

}  // namespace cdclake::parquet
