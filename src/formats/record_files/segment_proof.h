#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "model/segment.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::record_files {

/// The partitions of the segments, each once.
std::vector<model::PartitionId> partitions_of(const std::vector<model::Segment>& segments);

/// Reads a Bronze file and proves that it holds exactly these segments: every record lies in one of
/// them, the offsets of a partition rise, and counts and sums are the same. Else kCorrupt;
/// kCancelled where `stop` is asked for.
Status prove_segments(lake::LakeFs& fs, const lake::LakePath& path,
                      const std::vector<model::Segment>& segments,
                      const std::stop_token& stop = {});

}  // namespace cdclake::record_files
