#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_client.h"
#include "stages/source/kafka_brokers/kafka_handles.h"
#include "stages/source/kafka_brokers/topic_filter.h"

namespace cdclake::source {

struct TopicDescription {
  std::string name;
  std::string id;  ///< Another one when it is deleted and made again; empty: the broker has none.
  std::int32_t partition_count = 0;
};

/// The offsets that a partition holds, `[low, high)`. Readers of committed records are given those
/// below `stable_end`; between it and `high` lie records of transactions that are open.
struct PartitionEnds {
  std::int64_t low = 0;
  std::int64_t stable_end = 0;
  std::int64_t high = 0;
};

/// `shop.public.users [3]`, as messages name a partition.
std::string display(const model::PartitionId& partition);

/// Which offset of a partition is asked for.
enum class Edge : std::uint8_t { kLow, kStableEnd, kHigh };

using PartitionEndsByName = std::map<std::pair<std::string, std::int32_t>, PartitionEnds>;

/// What the brokers say of topics and offsets. Every question has a deadline, after which it is
/// kUnavailable; a question that the broker forbids is kInvalidConfig.
class KafkaCluster {
 public:
  /// Both must outlive it.
  KafkaCluster(KafkaClient& client, const Clock& clock) : client_(client), clock_(clock) {}

  /// Topics that exist and that the filter means; its names may be missing among them. Patterns
  /// never match Kafka's internal topics.
  Result<std::vector<TopicDescription>> describe(const TopicFilter& filter, MonotonicTime deadline);

  /// The offsets that every one of these partitions holds.
  Result<PartitionEndsByName> ends(const std::vector<model::PartitionId>& partitions,
                                   MonotonicTime deadline);

 private:
  Result<std::vector<std::string>> meant_topics(const TopicFilter& filter, MonotonicTime deadline);
  Result<std::vector<TopicDescription>> describe_named(const std::vector<std::string>& names,
                                                       MonotonicTime deadline);
  Status list_offsets(const std::vector<model::PartitionId>& partitions, Edge edge,
                      MonotonicTime deadline, PartitionEndsByName& ends);
  Result<KafkaEvent> wait_for(rd_kafka_queue_s* answers, std::string_view attempt,
                              MonotonicTime deadline);
  int remaining_ms(MonotonicTime deadline) const;

  KafkaClient& client_;
  const Clock& clock_;
};

}  // namespace cdclake::source
