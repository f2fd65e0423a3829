#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "stages/source/kafka_source.h"
#include "stages/source/test_producer.h"

namespace cdclake::source {

/// A topic of its own on the real broker that KAFKA_BOOTSTRAP names, for as long as it lives.
struct TestTopic {
  explicit TestTopic(int partitions, const TestProducer::Options& settings = {});
  TestTopic(const TestTopic&) = delete;
  TestTopic& operator=(const TestTopic&) = delete;
  ~TestTopic() { producer.delete_topic(name); }

  KafkaSourceConfig config() const;

  std::string name;
  TestProducer producer;
};

/// Reads a Kafka source as Bronze would and keeps what it gave, by the number of the partition.
class Reader {
 public:
  explicit Reader(KafkaSourceConfig config, const std::vector<model::Position>& start = {});

  /// Of the opening.
  const Status& status() const { return status_; }
  /// Polls until `done`, an error, or a time in which any of these tests is over.
  Status read_until(const std::function<bool()>& done);
  /// Fails the test where the end does not come.
  void read_to_end();
  /// Where it stands, as a store would keep it.
  std::vector<model::Position> stored() const;
  bool has_said(const std::string& words) const;
  /// Of the one partition that is stopped; fails the test where it is not one.
  model::PartitionStop only_stop() const;

  std::map<std::int32_t, std::vector<std::int64_t>> offsets;
  std::map<std::int32_t, std::vector<std::size_t>> value_sizes;
  std::map<std::int32_t, model::Position> positions;  ///< Of the newest life.
  std::map<model::PartitionId, std::vector<std::int64_t>> offsets_by_life;
  std::vector<model::Gap> gaps;
  std::map<std::int32_t, model::PartitionEnd> ends;
  std::vector<model::PartitionStop> stops;
  std::vector<std::string> log;
  bool at_end = false;

 private:
  void take(const model::RecordBatch& batch);

  SystemClock clock_;
  KafkaSource source_;
  Status status_;
};

}  // namespace cdclake::source
