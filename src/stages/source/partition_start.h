#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_cluster.h"
#include "stages/source/kafka_brokers/kafka_source_config.h"

namespace cdclake::source {

/// Where reading of a partition starts, and what it can no longer get.
struct PartitionStart {
  std::int64_t offset = 0;
  std::optional<model::Gap> gap;
};

/// Decides from the stored position (none: never read) and what the broker holds.
///
/// Expired records stop the partition unless `on_data_loss` says to go on. A position past the end
/// always does: the partition lost records that we have.
std::variant<PartitionStart, model::PartitionStop> decide_start(
    const model::PartitionId& partition, std::optional<std::int64_t> position,
    const PartitionEnds& ends, OnDataLoss on_data_loss);

/// The broker has other records, or none, from `fork` on than those that were read up to
/// `position`; without a fork it is not known from where.
model::PartitionStop truncated(const model::PartitionId& partition, std::int64_t position,
                               std::optional<std::int64_t> fork);
/// The batch of records at `offset` fails its checksum or cannot be unpacked.
model::PartitionStop damaged(const model::PartitionId& partition, std::int64_t offset,
                             const std::string& why);
/// What lies at `offset` is larger than we take.
model::PartitionStop too_large(const model::PartitionId& partition, std::int64_t offset);

}  // namespace cdclake::source
