#pragma once

#include <memory>

// NOLINTBEGIN(readability-identifier-naming): these are librdkafka's names.
struct rd_kafka_s;
struct rd_kafka_AdminOptions_s;
struct rd_kafka_conf_s;
struct rd_kafka_message_s;
struct rd_kafka_op_s;
struct rd_kafka_queue_s;
struct rd_kafka_TopicCollection_s;
struct rd_kafka_topic_partition_list_s;
// NOLINTEND(readability-identifier-naming)

/// Owners of librdkafka's C objects; its header stays out of ours.
namespace cdclake::source {

struct KafkaDeleter {
  void operator()(rd_kafka_s* client) const;
  void operator()(rd_kafka_AdminOptions_s* options) const;
  void operator()(rd_kafka_conf_s* conf) const;
  void operator()(rd_kafka_op_s* event) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_TopicCollection_s* topics) const;
  void operator()(rd_kafka_topic_partition_list_s* list) const;
};

/// Destroying it never waits for a broker.
using KafkaHandle = std::unique_ptr<rd_kafka_s, KafkaDeleter>;
using KafkaAdminOptions = std::unique_ptr<rd_kafka_AdminOptions_s, KafkaDeleter>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_s, KafkaDeleter>;
using KafkaEvent = std::unique_ptr<rd_kafka_op_s, KafkaDeleter>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_s, KafkaDeleter>;
using KafkaTopicCollection = std::unique_ptr<rd_kafka_TopicCollection_s, KafkaDeleter>;
using KafkaPartitionList = std::unique_ptr<rd_kafka_topic_partition_list_s, KafkaDeleter>;

}  // namespace cdclake::source
