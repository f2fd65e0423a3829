#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/record_source.h"
#include "stages/source/kafka_brokers/kafka_client.h"
#include "stages/source/kafka_brokers/kafka_source_config.h"

namespace cdclake::source {

/// Records out of Kafka topics.
///
/// Every partition is read from its position and from nowhere else; one without a position starts
/// at its first offset. Offsets that are gone are reported as gaps, `before_first_read` or, where
/// the configuration says to go on, `retention_loss`; never passed over. The topic's id is the
/// incarnation: a topic that was deleted and made again is read from its beginning, and its old
/// positions stay as they are; no record of its new life is ever given as one of the old. Only
/// committed records are given; a position may pass aborted ones and the markers of transactions.
///
/// A partition stops, and the others go on, where records expired, its log was cut behind us, a
/// batch is damaged or too large. What librdkafka can mend by itself (a broker that restarts, a
/// leader that moves) is no error and only takes time. New partitions and topics are noticed every
/// `topic_refresh`. Not thread-safe.
class KafkaSource final : public model::RecordSource {
 public:
  /// `config` is valid; `clock` must outlive the source. `log` may be empty.
  KafkaSource(KafkaSourceConfig config, KafkaLog log, const Clock& clock);
  ~KafkaSource() override;

  /// After at most `connect_wait_max`: kUnavailable when no broker answers or no topic exists;
  /// kInvalidConfig for options or rights.
  Status open(const std::vector<model::Position>& positions) override;

  /// After an error the source is spent: every later poll fails alike, and a new one goes on.
  /// kUnavailable when a topic is gone that is read, or no broker answered for `outage_max`, looked
  /// at every `topic_refresh`; kInvalidConfig when a right was taken away.
  Result<model::RecordBatch> poll(std::chrono::milliseconds wait_max) override;

  /// Tells the group its positions without waiting. Failures are logged, never returned.
  Status acknowledge(std::span<const model::PositionMove> committed) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::source
