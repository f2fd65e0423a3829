#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "model/segment.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::record_files {

/// The partitions of the segments, each once.
std::vector<model::PartitionId> partitions_of(const std::vector<model::Segment>& segments);

/// Of the earliest and the latest record of a file; microseconds since 1970 UTC.
struct IngestTimes {
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};

/// Reads a Bronze file and proves that it holds exactly these segments: every record lies in one of
/// them, the offsets of a partition rise, and counts and sums are the same. Else kCorrupt;
/// kCancelled where `stop` is asked for. Gives when the records were first written.
Result<IngestTimes> prove_segments(lake::LakeFs& fs, const lake::LakePath& path,
                                   const std::vector<model::Segment>& segments,
                                   const std::stop_token& stop = {});

}  // namespace cdclake::record_files
