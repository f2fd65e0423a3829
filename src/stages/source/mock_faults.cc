#include "stages/source/mock_faults.h"

#include <librdkafka/rdkafka.h>

#include "base/assert.h"

// Out of librdkafka's rdkafka_mock.h, which the pinned build leaves out.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {
rd_kafka_mock_cluster_s* rd_kafka_handle_mock_cluster(const rd_kafka_t* client);
void rd_kafka_mock_topic_set_error(rd_kafka_mock_cluster_s* cluster, const char* topic,
                                   rd_kafka_resp_err_t code);
rd_kafka_resp_err_t rd_kafka_mock_topic_create(rd_kafka_mock_cluster_s* cluster, const char* topic,
                                               int partition_count, int replication_factor);
rd_kafka_resp_err_t rd_kafka_mock_topic_delete(rd_kafka_mock_cluster_s* cluster, const char* topic);
rd_kafka_resp_err_t rd_kafka_mock_partition_delete_records(rd_kafka_mock_cluster_s* cluster,
                                                           const char* topic,
                                                           std::int32_t partition,
                                                           std::int64_t before_offset);
rd_kafka_resp_err_t rd_kafka_mock_partition_set_leader(rd_kafka_mock_cluster_s* cluster,
                                                       const char* topic, std::int32_t partition,
                                                       std::int32_t broker_id);
rd_kafka_resp_err_t rd_kafka_mock_broker_set_down(rd_kafka_mock_cluster_s* cluster,
                                                  std::int32_t broker_id);
rd_kafka_resp_err_t rd_kafka_mock_broker_set_up(rd_kafka_mock_cluster_s* cluster,
                                                std::int32_t broker_id);
rd_kafka_resp_err_t rd_kafka_mock_broker_set_rtt(rd_kafka_mock_cluster_s* cluster,
                                                 std::int32_t broker_id, int rtt_ms);
void rd_kafka_mock_push_request_errors_array(rd_kafka_mock_cluster_s* cluster, std::int16_t api,
                                             std::size_t count, const rd_kafka_resp_err_t* errors);
rd_kafka_resp_err_t rd_kafka_mock_set_apiversion(rd_kafka_mock_cluster_s* cluster, std::int16_t api,
                                                 std::int16_t min_version,
                                                 std::int16_t max_version);
}
// NOLINTEND(readability-identifier-naming)

namespace cdclake::source {
namespace {

constexpr std::int16_t kMetadataApi = 3;
constexpr std::int16_t kLastMetadataWithoutIds = 9;

void must(rd_kafka_resp_err_t code) { CDCLAKE_ASSERT(code == RD_KAFKA_RESP_ERR_NO_ERROR); }

}  // namespace

MockFaults::MockFaults(const TestProducer& cluster)
    : cluster_(rd_kafka_handle_mock_cluster(cluster.get())) {
  CDCLAKE_ASSERT(cluster_ != nullptr);
}

void MockFaults::hide_topic(const std::string& topic) {
  rd_kafka_mock_topic_set_error(cluster_, topic.c_str(), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

void MockFaults::make_topic_again(const std::string& topic, int partitions) {
  must(rd_kafka_mock_topic_delete(cluster_, topic.c_str()));
  must(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1));
}

void MockFaults::delete_records_before(const std::string& topic, std::int32_t partition,
                                       std::int64_t offset) {
  must(rd_kafka_mock_partition_delete_records(cluster_, topic.c_str(), partition, offset));
}

void MockFaults::move_leader(const std::string& topic, std::int32_t partition,
                             std::int32_t broker) {
  must(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker));
}

void MockFaults::take_down(std::int32_t broker) {
  must(rd_kafka_mock_broker_set_down(cluster_, broker));
}

void MockFaults::bring_up(std::int32_t broker) {
  must(rd_kafka_mock_broker_set_up(cluster_, broker));
}

void MockFaults::slow_down(std::int32_t broker, std::chrono::milliseconds answer_time) {
  must(rd_kafka_mock_broker_set_rtt(cluster_, broker, static_cast<int>(answer_time.count())));
}

void MockFaults::fail_requests(std::int16_t api, const std::vector<int>& errors) {
  std::vector<rd_kafka_resp_err_t> codes;
  for (const int error : errors) codes.push_back(static_cast<rd_kafka_resp_err_t>(error));
  rd_kafka_mock_push_request_errors_array(cluster_, api, codes.size(), codes.data());
}

void MockFaults::forget_topic_ids() {
  must(rd_kafka_mock_set_apiversion(cluster_, kMetadataApi, 0, kLastMetadataWithoutIds));
}

}  // namespace cdclake::source
