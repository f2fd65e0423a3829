#include "stages/source/kafka_partitions.h"

#include <utility>

#include "base/assert.h"

namespace cdclake::source {

KafkaPartition& KafkaPartitions::add(KafkaPartition partition) {
  CDCLAKE_ASSERT(partition.id.partition >= 0 && !partition.moved);
  incarnations_.emplace(partition.id.topic, partition.id.incarnation);
  auto& slots = by_topic_[partition.id.topic];
  const auto index = static_cast<std::size_t>(partition.id.partition);
  if (slots.size() <= index) slots.resize(index + 1);
  CDCLAKE_ASSERT(slots[index] == nullptr);
  if (partition.first_end && *partition.first_end > partition.next_offset) ++unreached_;
  slots[index] = std::make_unique<KafkaPartition>(std::move(partition));
  return *slots[index];
}

KafkaPartition* KafkaPartitions::find(std::string_view topic, std::int32_t partition) {
  if (last_ != nullptr && last_->id.partition == partition && last_->id.topic == topic)
    return last_;
  const auto slots = by_topic_.find(std::string(topic));
  const auto index = static_cast<std::size_t>(partition);
  if (slots == by_topic_.end() || slots->second.size() <= index) return nullptr;
  if (slots->second[index] != nullptr) last_ = slots->second[index].get();
  return slots->second[index].get();
}

void KafkaPartitions::advance(KafkaPartition& partition, std::int64_t next_offset) {
  if (next_offset <= partition.next_offset) return;
  const auto end = partition.first_end;
  if (end && partition.next_offset < *end && next_offset >= *end) --unreached_;
  partition.next_offset = next_offset;
  if (!std::exchange(partition.moved, true)) moved_.push_back(&partition);
}

void KafkaPartitions::take_moved(std::vector<model::Position>& positions) {
  positions.clear();
  for (KafkaPartition* partition : moved_) {
    positions.push_back({.partition = partition->id, .next_offset = partition->next_offset});
    partition->moved = false;
  }
  moved_.clear();
}

}  // namespace cdclake::source
