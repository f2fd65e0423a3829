#include "stages/bronze/segment_ledger.h"

#include "base/assert.h"

namespace cdclake::bronze {

model::Segment& SegmentLedger::open_segment(const model::RawRecord& record, std::int64_t position) {
  const auto [place, is_new] = open_.try_emplace(record.partition->partition, segments_.size());
  if (is_new) {
    segments_.push_back({.partition = *record.partition,
                         .range = {position, position},
                         .record_count = 0,
                         .checksum = {}});
  }
  return segments_[place->second];
}

void SegmentLedger::add(const model::RawRecord& record, std::int64_t position) {
  model::Segment& segment = open_segment(record, position);
  CDCLAKE_ASSERT(record.offset >= segment.range.next);
  segment.range.next = record.offset + 1;
  ++segment.record_count;
  segment.checksum += hash_(record);
}

bool SegmentLedger::extend(std::int32_t partition, std::int64_t next) {
  const auto place = open_.find(partition);
  if (place == open_.end()) return false;
  model::Segment& segment = segments_[place->second];
  CDCLAKE_ASSERT(next >= segment.range.next);
  segment.range.next = next;
  return true;
}

void SegmentLedger::close(std::int32_t partition) { open_.erase(partition); }

}  // namespace cdclake::bronze
