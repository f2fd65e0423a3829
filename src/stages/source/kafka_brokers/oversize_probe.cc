#include "stages/source/kafka_brokers/oversize_probe.h"

#include <librdkafka/rdkafka.h>

#include <memory>

#include "stages/source/kafka_brokers/kafka_client.h"
#include "stages/source/kafka_brokers/kafka_handles.h"

namespace cdclake::source {
namespace {

constexpr int kSliceMs = 50;

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};

}  // namespace

Result<bool> is_too_large(const KafkaSourceConfig& config, const model::PartitionId& partition,
                          std::int64_t offset, std::chrono::milliseconds wait_max,
                          const Clock& clock) {
  CDCLAKE_ASSIGN_OR_RETURN(KafkaClient client, KafkaClient::create(config, nullptr));
  const KafkaPartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
      ->offset = offset;
  const auto code = rd_kafka_assign(client.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::kUnavailable,
                std::string("cannot look at one record of Kafka: ") + rd_kafka_err2str(code));
  }
  const MonotonicTime deadline = clock.monotonic() + wait_max;
  while (clock.monotonic() < deadline) {
    const std::unique_ptr<rd_kafka_message_t, MessageDeleter> message(
        rd_kafka_consumer_poll(client.get(), kSliceMs));
    client.serve();
    if (client.take_heard_of_oversize()) return true;
    if (message != nullptr && message->rkt != nullptr) return false;
  }
  return false;
}

}  // namespace cdclake::source
