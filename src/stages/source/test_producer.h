#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stages/source/kafka_brokers/kafka_handles.h"

namespace cdclake::source {

struct TestMessage {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
  std::int64_t timestamp_ms = 0;  ///< 0: now. A real broker expires what is old.
};

/// Fills topics for the tests of this room. Whatever goes wrong ends the test program.
class TestProducer {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;

  /// With librdkafka's built-in cluster inside: four partitions a topic. `options` are of the
  /// producer.
  static TestProducer with_mock_cluster(int broker_count = 1, const Options& options = {});
  static TestProducer to(const std::string& brokers, const Options& options = {});
  static TestProducer transactional(const std::string& brokers);

  const std::string& brokers() const { return brokers_; }
  rd_kafka_s* get() const { return producer_.get(); }

  /// Has arrived on return, but for a transactional one.
  void produce(const std::string& topic, std::int32_t partition, const TestMessage& message);
  void produce(const std::string& topic, std::int32_t partition, int count);
  /// As another program of the consumer group `group` would.
  static void tell_group(const std::string& brokers, const std::string& group,
                         const std::string& topic, std::int64_t next_offset);

  void flush();
  void begin_transaction();
  void commit_transaction();
  void abort_transaction();

  /// Waits until the name is free.
  void create_topic(const std::string& topic, int partitions, const Options& settings = {});
  void add_partitions(const std::string& topic, std::size_t total);
  void delete_topic(const std::string& topic);
  /// As retention would.
  void delete_records_before(const std::string& topic, std::int32_t partition, std::int64_t offset);

 private:
  enum class Kind : std::uint8_t { kPlain, kTransactional };
  TestProducer(const Options& options, Kind kind);

  KafkaHandle producer_;
  Kind kind_;
  std::string brokers_;
};

}  // namespace cdclake::source
