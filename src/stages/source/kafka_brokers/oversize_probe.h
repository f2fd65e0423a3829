#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_source_config.h"

namespace cdclake::source {

/// Whether what lies at the offset is larger than `receive.message.max.bytes`: librdkafka says that
/// an answer was, but not of which partition. Fetches it alone, by a client of its own; false where
/// nothing is heard within `wait_max`.
Result<bool> is_too_large(const KafkaSourceConfig& config, const model::PartitionId& partition,
                          std::int64_t offset, std::chrono::milliseconds wait_max,
                          const Clock& clock);

}  // namespace cdclake::source
