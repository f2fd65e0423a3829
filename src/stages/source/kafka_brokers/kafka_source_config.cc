#include "stages/source/kafka_brokers/kafka_source_config.h"

#include "stages/source/kafka_brokers/topic_filter.h"

namespace cdclake::source {

Status KafkaSourceConfig::validate() const {
  if (brokers.empty()) {
    return fail(ErrorKind::kInvalidConfig, "KAFKA_BOOTSTRAP: must name at least one broker");
  }
  if (topics.empty()) {
    return fail(ErrorKind::kInvalidConfig, "TOPICS: must name at least one topic or ^pattern");
  }
  if (group_id.empty()) return fail(ErrorKind::kInvalidConfig, "KAFKA_GROUP_ID: must not be empty");
  if (batch_records_max < 1 || batch_bytes_max < 1 || queue_bytes_max < 1024) {
    return fail(ErrorKind::kInvalidConfig,
                "a batch of Kafka records holds at least 1, the queue 1 KiB");
  }
  return TopicFilter::make(topics).map([](const TopicFilter&) {});
}

}  // namespace cdclake::source
