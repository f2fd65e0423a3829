#pragma once

#include <cstdint>

#include "base/hash128.h"
#include "model/partition.h"
#include "model/record.h"

namespace cdclake::model {

/// Hashes one record over length-prefixed, null-distinct (offset, timestamp, type, key, value,
/// headers in order), as decoded. Never over JSON or Parquet bytes, and never with the time of
/// ingestion, so the same record gives the same hash however it was stored.
class RecordHasher {
 public:
  Hash128 operator()(const RawRecord& record);

 private:
  std::string buffer_;  ///< Reused between records.
};

/// The unit of accounting: a run of consecutive reads of one partition. Segments of a partition
/// are disjoint; compaction changes the files they live in, never the segments.
struct Segment {
  PartitionId partition;
  OffsetRange range;  ///< `range.next` may pass the last record (transaction markers).
  std::int64_t record_count = 0;
  Hash128 checksum;  ///< Sum of the records' hashes; adds over any union of segments.

  friend bool operator==(const Segment&, const Segment&) = default;
};

}  // namespace cdclake::model
