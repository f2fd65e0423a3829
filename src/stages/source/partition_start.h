#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_source_config.h"

namespace cdclake::source {

/// The offsets that a partition holds, `[low, stable_end)`: past the last one that readers of
/// committed records are given.
struct PartitionEnds {
  std::int64_t low = 0;
  std::int64_t stable_end = 0;
};

/// Where reading of a partition starts, and what it can no longer get.
struct PartitionStart {
  std::int64_t offset = 0;
  std::optional<model::Gap> gap;
};

/// Decides from the stored position (none: never read) and what the broker holds.
///
/// Expired records are kInvalidConfig unless `on_data_loss` says to go on. A position past the end
/// is kConflict: the partition lost records that we have, or the topic is not the same.
Result<PartitionStart> decide_start(const model::PartitionId& partition,
                                    std::optional<std::int64_t> position, const PartitionEnds& ends,
                                    OnDataLoss on_data_loss);

/// `shop.public.users [3]`, as messages name a partition.
std::string display(const model::PartitionId& partition);

}  // namespace cdclake::source
