#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/record.h"
#include "model/segment.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::bronze {

/// Compares records that are read again with those that Bronze holds.
///
/// A stored segment that is read again as a whole is compared by its sum; one that is cut, record
/// by record. The same content is silently accepted; other content is kConflict, with topic,
/// partition and the first offset that differs: another topic of the same name. A record that
/// Bronze holds and that does not come again is no difference: Kafka's own compaction removes
/// records. What has expired from Bronze is taken as it comes. Not thread-safe.
class ReplayCheck {
 public:
  /// Both must outlive the check.
  ReplayCheck(lake::LakeFs& fs, metadata::MetadataStore& store);

  /// A record below the position that is committed for its partition. The comparison is made when
  /// the segment ends, at the latest in `finish`.
  Status add(const model::RawRecord& record);
  /// What comes next of the partition is new, or nothing: compares what is left.
  Status finish(const model::PartitionId& partition);
  Status finish_all();

 private:
  struct Reread {
    model::Segment stored;
    Hash128 sum;
    std::vector<std::pair<std::int64_t, Hash128>> records;  ///< Offset and hash, ascending.
  };

  /// Nothing where the record has expired.
  Result<std::optional<model::Segment>> stored_segment(const model::RawRecord& record);
  /// Asks the store anew: records may expire while others are read again.
  Result<bool> has_expired(const model::PartitionId& partition, std::int64_t offset);
  Status compare(const Reread& reread);
  Status compare_records(const Reread& reread);

  lake::LakeFs& fs_;
  metadata::MetadataStore& store_;
  model::RecordHasher hash_;
  std::map<model::PartitionId, Reread> open_;
  std::map<model::PartitionId, std::int64_t> expired_below_;  ///< As far as was asked.
  std::size_t records_kept_ = 0;
};

}  // namespace cdclake::bronze
