#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stages/source/kafka_handles.h"

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
  /// With librdkafka's built-in cluster inside: one broker, four partitions a topic.
  static TestProducer with_mock_cluster();
  static TestProducer to(const std::string& brokers);
  static TestProducer transactional(const std::string& brokers);

  const std::string& brokers() const { return brokers_; }

  /// Has arrived on return, but for a transactional one.
  void produce(const std::string& topic, std::int32_t partition, const TestMessage& message);
  void produce(const std::string& topic, std::int32_t partition, int count);

  void begin_transaction();
  void commit_transaction();
  void abort_transaction();

  /// As if it were deleted; of the built-in cluster only.
  void hide_topic(const std::string& topic);
  /// Waits until the name is free.
  void create_topic(const std::string& topic, int partitions);
  void add_partitions(const std::string& topic, std::size_t total);
  void delete_topic(const std::string& topic);
  /// As retention would.
  void delete_records_before(const std::string& topic, std::int32_t partition, std::int64_t offset);

 private:
  enum class Kind : std::uint8_t { kPlain, kTransactional };
  using Options = std::vector<std::pair<std::string, std::string>>;
  TestProducer(const Options& options, Kind kind);

  KafkaHandle producer_;
  Kind kind_;
  std::string brokers_;
};

}  // namespace cdclake::source
