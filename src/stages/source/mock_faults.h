#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "stages/source/test_producer.h"

struct rd_kafka_mock_cluster_s;  // NOLINT(readability-identifier-naming): librdkafka's name.

namespace cdclake::source {

/// Makes the cluster that is built into librdkafka do what a real broker does not do on demand.
/// Brokers have the numbers 1, 2, 3 …
class MockFaults {
 public:
  /// `cluster` is one of `TestProducer::with_mock_cluster` and outlives this.
  explicit MockFaults(const TestProducer& cluster);

  /// As if it were deleted.
  void hide_topic(const std::string& topic);
  void make_topic_again(const std::string& topic, int partitions);
  /// As retention would.
  void delete_records_before(const std::string& topic, std::int32_t partition, std::int64_t offset);
  /// Also opens a leader epoch.
  void move_leader(const std::string& topic, std::int32_t partition, std::int32_t broker);
  void take_down(std::int32_t broker);
  void bring_up(std::int32_t broker);
  /// How long an answer takes.
  void slow_down(std::int32_t broker, std::chrono::milliseconds answer_time);
  /// The next answers to requests of this kind are these, rd_kafka_resp_err_t;
  /// RD_KAFKA_RESP_ERR__TRANSPORT closes the connection instead.
  void fail_requests(std::int16_t api, const std::vector<int>& errors);
  /// Brokers of a release that gives topics no ids.
  void forget_topic_ids();

 private:
  rd_kafka_mock_cluster_s* cluster_;
};

/// Kafka's number of the Fetch request.
inline constexpr std::int16_t kFetchApi = 1;

}  // namespace cdclake::source
