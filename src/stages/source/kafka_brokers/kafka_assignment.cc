#include "stages/source/kafka_brokers/kafka_assignment.h"

#include <librdkafka/rdkafka.h>

#include <string>

#include "stages/source/kafka_brokers/kafka_handles.h"

namespace cdclake::source {
namespace {

constexpr int kSeekWaitMs = 2'000;
constexpr int kSeekTriesMax = 50;  // A partition is not sought in before its fetch has begun.
constexpr int kSeekRetryMs = 20;

KafkaPartitionList list_of(const std::vector<model::Position>& positions) {
  KafkaPartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const model::Position& position : positions) {
    auto* const entry = rd_kafka_topic_partition_list_add(
        list.get(), position.partition.topic.c_str(), position.partition.partition);
    entry->offset = position.next_offset;
    if (position.leader_epoch >= 0) {
      rd_kafka_topic_partition_set_leader_epoch(entry, position.leader_epoch);
    }
  }
  return list;
}

Status status_of(const KafkaClient& client, rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  const std::string why = client.masked(rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return fail(ErrorKind::kUnavailable, "cannot start to read Kafka's partitions: " + why);
}

std::vector<model::Position> not_begun(const rd_kafka_topic_partition_list_t& list,
                                       const std::vector<model::Position>& positions) {
  std::vector<model::Position> left;
  for (int i = 0; i < list.cnt; ++i) {
    if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      left.push_back(positions[static_cast<std::size_t>(i)]);
    }
  }
  return left;
}

/// Only a seek makes librdkafka compare epochs; an assignment does not.
Status compare_epochs(KafkaClient& client, std::vector<model::Position> positions) {
  for (int tries = 0; !positions.empty() && tries < kSeekTriesMax; ++tries) {
    const KafkaPartitionList list = list_of(positions);
    CDCLAKE_RETURN_IF_ERROR(
        status_of(client, rd_kafka_seek_partitions(client.get(), list.get(), kSeekWaitMs)));
    positions = not_begun(*list, positions);
    if (!positions.empty()) rd_kafka_poll(client.get(), kSeekRetryMs);
  }
  if (positions.empty()) return {};
  return fail(ErrorKind::kUnavailable,
              "cannot start to read Kafka's partitions: fetching does not begin: topic=" +
                  positions.front().partition.topic);
}

}  // namespace

Status start_fetching(KafkaClient& client, const std::vector<model::Position>& positions) {
  if (positions.empty()) return {};
  const KafkaPartitionList list = list_of(positions);
  CDCLAKE_RETURN_IF_ERROR(status_of(client, rd_kafka_incremental_assign(client.get(), list.get())));
  std::vector<model::Position> known;
  for (const model::Position& position : positions) {
    if (position.leader_epoch >= 0 && position.next_offset > 0) known.push_back(position);
  }
  return compare_epochs(client, std::move(known));
}

void stop_fetching(KafkaClient& client, const model::PartitionId& partition) {
  const KafkaPartitionList list = list_of({{.partition = partition, .next_offset = 0}});
  rd_kafka_error_t* const error = rd_kafka_incremental_unassign(client.get(), list.get());
  if (error != nullptr) rd_kafka_error_destroy(error);
}

}  // namespace cdclake::source
