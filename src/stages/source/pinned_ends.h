#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_cluster.h"

namespace cdclake::source {

/// Watches for open transactions that hold partitions back: records lie behind the stable end, and
/// it does not move. Pure but for what it remembers.
class PinnedEnds {
 public:
  explicit PinnedEnds(std::chrono::milliseconds patience) : patience_(patience) {}

  /// What the brokers say of a partition. Gives a sentence for the log when it has been held back
  /// at one offset for longer than the patience, and another when that is over; else nothing.
  std::optional<std::string> note(const model::PartitionId& partition, const PartitionEnds& ends,
                                  MonotonicTime now);

 private:
  struct Pin {
    std::int64_t offset = 0;
    MonotonicTime since{};
    bool is_told = false;
  };

  std::chrono::milliseconds patience_;
  std::map<model::PartitionId, Pin> pins_;
};

}  // namespace cdclake::source
