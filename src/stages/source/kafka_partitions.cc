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
  if (is_waited_for(partition)) ++unreached_;
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

bool KafkaPartitions::is_waited_for(const KafkaPartition& partition) {
  return !partition.is_stopped && partition.first_end &&
         partition.next_offset < *partition.first_end;
}

void KafkaPartitions::advance(KafkaPartition& partition, std::int64_t next_offset,
                              std::int32_t leader_epoch) {
  if (next_offset <= partition.next_offset) return;
  const bool was_waited_for = is_waited_for(partition);
  partition.next_offset = next_offset;
  partition.leader_epoch = leader_epoch;
  if (was_waited_for && !is_waited_for(partition)) --unreached_;
  if (!std::exchange(partition.moved, true)) moved_.push_back(&partition);
}

void KafkaPartitions::stop(KafkaPartition& partition) {
  if (is_waited_for(partition)) --unreached_;
  partition.is_stopped = true;
}

void KafkaPartitions::for_each(const std::function<void(const KafkaPartition&)>& visit) const {
  for (const auto& [topic, slots] : by_topic_) {
    for (const auto& partition : slots) {
      if (partition != nullptr) visit(*partition);
    }
  }
}

void KafkaPartitions::take_moved(std::vector<model::Position>& positions) {
  positions.clear();
  for (KafkaPartition* partition : moved_) {
    positions.push_back({.partition = partition->id,
                         .next_offset = partition->next_offset,
                         .leader_epoch = partition->leader_epoch});
    partition->moved = false;
  }
  moved_.clear();
}

}  // namespace cdclake::source
