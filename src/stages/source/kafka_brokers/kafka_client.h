#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stages/source/kafka_brokers/kafka_handles.h"
#include "stages/source/kafka_brokers/kafka_source_config.h"

namespace cdclake::source {

enum class KafkaLogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };

/// Gets what librdkafka and the Kafka source have to say, secrets masked; called by the thread
/// that polls.
using KafkaLog = std::function<void(KafkaLogLevel level, const std::string& message)>;

/// A consumer of librdkafka, set up such that it never moves by itself: no automatic commits, no
/// automatic reset of offsets. Not thread-safe.
class KafkaClient {
 public:
  /// Contacts nobody yet. kInvalidConfig for options that librdkafka does not take.
  static Result<KafkaClient> create(const KafkaSourceConfig& config, KafkaLog log);
  KafkaClient(KafkaClient&&) noexcept;
  KafkaClient& operator=(KafkaClient&&) noexcept;
  /// Waits at most 3 s for commits on their way.
  ~KafkaClient();

  rd_kafka_s* get() const;
  /// Runs the callbacks that wait: logs, errors, results of commits.
  void serve();
  void log(KafkaLogLevel level, const std::string& message) const;

  /// A message that the brokers do not answer, with the last thing that was heard of them.
  std::string unreachable(std::string_view attempt) const;
  std::string masked(std::string text) const;
  void log_failed_commit(std::string_view why) const;

  /// A topic has another id than before: it was made again, and what is taken from now on may be of
  /// its new life. Heard by `serve` before the first such message can be taken.
  bool heard_of_new_topic_id() const;
  /// Since the last call a broker's answer was larger than `receive.message.max.bytes`, which does
  /// not say of which partition.
  bool take_heard_of_oversize();

 private:
  class Impl;
  explicit KafkaClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::source
