#include "stages/source/kafka_brokers/kafka_cluster.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/assert.h"

namespace cdclake::source {
namespace {

constexpr int kSliceMs = 100;  // How soon an error of the connection is heard.
constexpr std::string_view kDescribe = "read the topics of Kafka";
constexpr std::string_view kListOffsets = "read the offsets of Kafka's partitions";

ErrorKind kind_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return ErrorKind::kInvalidConfig;
    default:
      return ErrorKind::kUnavailable;
  }
}

bool means_out_of_reach(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
         code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

std::string refusal(std::string_view attempt, rd_kafka_resp_err_t code, std::string_view what) {
  return std::string("cannot ")
      .append(attempt)
      .append(": ")
      .append(rd_kafka_err2str(code))
      .append(what.empty() ? "" : ": ")
      .append(what);
}

KafkaAdminOptions admin_options(rd_kafka_t* client, rd_kafka_admin_op_t operation, int timeout_ms) {
  KafkaAdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 128> why{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, why.data(), why.size());
  return options;
}

TopicDescription description_of(const rd_kafka_TopicDescription_t* topic) {
  std::size_t partition_count = 0;
  rd_kafka_TopicDescription_partitions(topic, &partition_count);
  const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(topic);
  const bool has_id =
      rd_kafka_Uuid_least_significant_bits(id) != 0 || rd_kafka_Uuid_most_significant_bits(id) != 0;
  return {.name = rd_kafka_TopicDescription_name(topic),
          .id = has_id ? rd_kafka_Uuid_base64str(id) : "",
          .partition_count = static_cast<std::int32_t>(partition_count)};
}

std::int64_t& place_of(Edge edge, PartitionEnds& ends) {
  switch (edge) {
    case Edge::kLow:
      return ends.low;
    case Edge::kStableEnd:
      return ends.stable_end;
    case Edge::kHigh:
      break;
  }
  return ends.high;
}

}  // namespace

std::string display(const model::PartitionId& partition) {
  return partition.topic + " [" + std::to_string(partition.partition) + "]";
}

Result<std::vector<TopicDescription>> KafkaCluster::describe(const TopicFilter& filter,
                                                             MonotonicTime deadline) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto names, meant_topics(filter, deadline));
  if (names.empty()) return std::vector<TopicDescription>{};
  return describe_named(names, deadline);
}

Result<std::vector<std::string>> KafkaCluster::meant_topics(const TopicFilter& filter,
                                                            MonotonicTime deadline) {
  std::set<std::string> names(filter.names().begin(), filter.names().end());
  if (filter.has_patterns()) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code =
        rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, remaining_ms(deadline));
    client_.serve();
    if (means_out_of_reach(code)) {
      return fail(ErrorKind::kUnavailable, client_.unreachable(kDescribe));
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail(kind_of(code), refusal(kDescribe, code, ""));
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const std::string name = metadata->topics[i].topic;
      if (!name.starts_with("__") && filter.matches(name)) names.insert(name);
    }
    rd_kafka_metadata_destroy(metadata);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<TopicDescription>> KafkaCluster::describe_named(
    const std::vector<std::string>& names, MonotonicTime deadline) {
  std::vector<const char*> pointers;
  for (const std::string& name : names) pointers.push_back(name.c_str());
  const KafkaTopicCollection topics(
      rd_kafka_TopicCollection_of_topic_names(pointers.data(), pointers.size()));
  const auto options =
      admin_options(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, remaining_ms(deadline));
  const KafkaQueue answers(rd_kafka_queue_new(client_.get()));
  rd_kafka_DescribeTopics(client_.get(), topics.get(), options.get(), answers.get());
  CDCLAKE_ASSIGN_OR_RETURN(const auto event, wait_for(answers.get(), kDescribe, deadline));

  std::vector<TopicDescription> described;
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeTopics_result(event.get());
  const rd_kafka_TopicDescription_t** entries =
      rd_kafka_DescribeTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_error_code(rd_kafka_TopicDescription_error(entries[i]));
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string topic = rd_kafka_TopicDescription_name(entries[i]);
      return fail(kind_of(code), refusal(kDescribe, code, "topic=" + topic));
    }
    described.push_back(description_of(entries[i]));
  }
  return described;
}

Result<PartitionEndsByName> KafkaCluster::ends(const std::vector<model::PartitionId>& partitions,
                                               MonotonicTime deadline) {
  PartitionEndsByName ends;
  if (partitions.empty()) return ends;
  for (const Edge edge : {Edge::kLow, Edge::kStableEnd, Edge::kHigh}) {
    CDCLAKE_RETURN_IF_ERROR(list_offsets(partitions, edge, deadline, ends));
  }
  return ends;
}

Status KafkaCluster::list_offsets(const std::vector<model::PartitionId>& partitions, Edge edge,
                                  MonotonicTime deadline, PartitionEndsByName& ends) {
  const KafkaPartitionList list(
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const model::PartitionId& partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = edge == Edge::kLow ? RD_KAFKA_OFFSET_SPEC_EARLIEST : RD_KAFKA_OFFSET_SPEC_LATEST;
  }
  const auto options =
      admin_options(client_.get(), RD_KAFKA_ADMIN_OP_LISTOFFSETS, remaining_ms(deadline));
  rd_kafka_error_t* refused = rd_kafka_AdminOptions_set_isolation_level(
      options.get(), edge == Edge::kHigh ? RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
                                         : RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED);
  CDCLAKE_ASSERT(refused == nullptr);
  const KafkaQueue answers(rd_kafka_queue_new(client_.get()));
  rd_kafka_ListOffsets(client_.get(), list.get(), options.get(), answers.get());
  CDCLAKE_ASSIGN_OR_RETURN(const auto event, wait_for(answers.get(), kListOffsets, deadline));

  std::size_t count = 0;
  const auto* result = rd_kafka_event_ListOffsets_result(event.get());
  const rd_kafka_ListOffsetsResultInfo_t** infos =
      rd_kafka_ListOffsets_result_infos(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* answer = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    if (answer->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail(kind_of(answer->err),
                  refusal(kListOffsets, answer->err,
                          "partition=" + display({answer->topic, "", answer->partition})));
    }
    place_of(edge, ends[{answer->topic, answer->partition}]) = answer->offset;
  }
  return {};
}

Result<KafkaEvent> KafkaCluster::wait_for(rd_kafka_queue_s* answers, std::string_view attempt,
                                          MonotonicTime deadline) {
  for (;;) {
    const int left_ms = remaining_ms(deadline);
    KafkaEvent event(rd_kafka_queue_poll(answers, std::min(left_ms, kSliceMs)));
    client_.serve();
    const auto code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (event && code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
    if (event == nullptr && left_ms > 0) continue;
    if (means_out_of_reach(code)) {
      return fail(ErrorKind::kUnavailable, client_.unreachable(attempt));
    }
    const char* why = rd_kafka_event_error_string(event.get());
    return fail(kind_of(code), client_.masked(refusal(attempt, code, why)));
  }
}

int KafkaCluster::remaining_ms(MonotonicTime deadline) const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.monotonic());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace cdclake::source
