#include "testing/fake_source.h"

#include <algorithm>
#include <utility>

namespace cdclake::testing {

FakeSource::FakeSource(std::vector<FakeBatch> batches, BelowPosition below, std::string incarnation)
    : batches_(std::move(batches)),
      below_(below),
      incarnation_(std::move(incarnation)),
      raw_(incarnation_) {}

Status FakeSource::open(const std::vector<model::Position>& positions) {
  opened_at_ = positions;
  return {};
}

bool FakeSource::is_below(const model::RawRecord& record) const {
  return std::any_of(opened_at_.begin(), opened_at_.end(), [&](const model::Position& position) {
    return position.partition == *record.partition && record.offset < position.next_offset;
  });
}

Result<model::RecordBatch> FakeSource::poll(std::chrono::milliseconds) {
  records_.clear();
  positions_.clear();
  if (next_ == batches_.size()) {
    return model::RecordBatch{.records = {}, .positions = {}, .gaps = {}, .at_end = true};
  }
  FakeBatch& batch = batches_[next_++];
  if (batch.before) batch.before();
  raw_ = RawRecords(batch.incarnation.empty() ? incarnation_ : batch.incarnation);
  std::map<model::PartitionId, std::int64_t> ends;
  for (const FakeRecord& record : batch.records) {
    const model::RawRecord& raw = raw_.add(record);
    if (below_ == BelowPosition::kSkipped && is_below(raw)) continue;
    records_.push_back(raw);
    ends[*raw.partition] = raw.offset + 1;
  }
  for (const model::Position& position : batch.positions) {
    ends[position.partition] = position.next_offset;
  }
  for (const auto& [partition, next] : ends) positions_.push_back({partition, next});
  std::optional<std::span<const model::PartitionStop>> stops;
  if (batch.stops) stops = *batch.stops;
  return model::RecordBatch{.records = records_,
                            .positions = positions_,
                            .gaps = batch.gaps,
                            .ends = batch.ends,
                            .stops = stops,
                            .at_end = next_ == batches_.size()};
}

Status FakeSource::acknowledge(std::span<const model::PositionMove> committed) {
  acknowledged_.insert(acknowledged_.end(), committed.begin(), committed.end());
  return {};
}

}  // namespace cdclake::testing
