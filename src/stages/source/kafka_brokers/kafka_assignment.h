#pragma once

#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_client.h"

namespace cdclake::source {

/// Starts to fetch partitions at their positions. Where a leader epoch is known, the broker is
/// first asked whether its log is still the one that was read: a truncation comes in place of a
/// record.
Status start_fetching(KafkaClient& client, const std::vector<model::Position>& positions);

/// Nothing of the partition is taken any more.
void stop_fetching(KafkaClient& client, const model::PartitionId& partition);

}  // namespace cdclake::source
