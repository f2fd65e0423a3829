#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/partition.h"

namespace cdclake::source {

/// A partition that is read.
struct KafkaPartition {
  model::PartitionId id;
  std::int64_t next_offset = 0;
  /// Past the last record or gap that was given; behind `next_offset` by what readers never see.
  std::int64_t given_next = 0;
  /// The end that was seen at the start; none for what appeared later.
  std::optional<std::int64_t> first_end{};
  std::int64_t last_end = 0;  ///< The stable end, when it was last asked for.
  std::int32_t leader_epoch = model::kNoLeaderEpoch;  ///< As in `model::Position`.
  bool is_stopped = false;                            ///< Nothing more of it is taken.
  bool moved = false;                                 ///< Since the last batch.
};

/// The partitions that are read, by the names that messages carry.
class KafkaPartitions {
 public:
  KafkaPartition& add(KafkaPartition partition);
  /// Null for one that is not read.
  KafkaPartition* find(std::string_view topic, std::int32_t partition);
  /// Of every topic that is read, by name.
  const std::map<std::string, std::string>& incarnations() const { return incarnations_; }

  /// Moves a partition forward, never back; the epoch is that of the record right before.
  void advance(KafkaPartition& partition, std::int64_t next_offset,
               std::int32_t leader_epoch = model::kNoLeaderEpoch);
  /// Its end is waited for no longer.
  void stop(KafkaPartition& partition);
  /// Where the partitions that moved since the last call stand.
  void take_moved(std::vector<model::Position>& positions);
  /// Every partition that is not stopped has reached the end that was seen at the start.
  bool all_reached() const { return unreached_ == 0; }
  void for_each(const std::function<void(const KafkaPartition&)>& visit) const;

 private:
  static bool is_waited_for(const KafkaPartition& partition);

  std::unordered_map<std::string, std::vector<std::unique_ptr<KafkaPartition>>> by_topic_;
  std::map<std::string, std::string> incarnations_;
  std::vector<KafkaPartition*> moved_;
  std::int64_t unreached_ = 0;
  KafkaPartition* last_ = nullptr;  ///< Messages come in runs of one partition.
};

}  // namespace cdclake::source
