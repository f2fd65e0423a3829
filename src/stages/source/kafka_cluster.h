#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stages/source/kafka_client.h"
#include "stages/source/kafka_handles.h"
#include "stages/source/partition_start.h"
#include "stages/source/topic_filter.h"

namespace cdclake::source {

struct TopicDescription {
  std::string name;
  std::string id;  ///< Another one when the topic is deleted and made again.
  std::int32_t partition_count = 0;
};

/// Which offset of a partition is asked for.
enum class Edge : std::uint8_t { kLow, kStableEnd };

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

  /// The first and the stable end offset of every partition of these.
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
