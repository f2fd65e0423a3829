#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/record.h"
#include "model/segment.h"

namespace cdclake::bronze {

/// Keeps account of the segments of one file: a file holds one topic in one incarnation, and each
/// of its partitions has one segment, or more where a gap lies between.
class SegmentLedger {
 public:
  /// Counts a record in the partition's open segment; opens one that begins at `position` where
  /// there is none. `position` is that of the partition before the record.
  void add(const model::RawRecord& record, std::int64_t position);
  /// The position of the partition has passed its last record: a transaction's marker, or records
  /// that compaction removed. Does nothing and says false where no segment is open.
  bool extend(std::int32_t partition, std::int64_t next);
  /// What comes next of the partition opens a segment of its own.
  void close(std::int32_t partition);

  /// In the order in which they were opened.
  const std::vector<model::Segment>& segments() const { return segments_; }

 private:
  model::Segment& open_segment(const model::RawRecord& record, std::int64_t position);

  model::RecordHasher hash_;
  std::vector<model::Segment> segments_;
  std::map<std::int32_t, std::size_t> open_;  ///< Partition to its place in `segments_`.
};

}  // namespace cdclake::bronze
