#include "stages/source/source_workbench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/ids.h"

namespace cdclake::source {
namespace {

constexpr std::chrono::milliseconds kPollWait{100};
constexpr int kPollsMax = 300;

std::string real_brokers() {
  const char* value = std::getenv("KAFKA_BOOTSTRAP");
  if (value == nullptr) {
    ADD_FAILURE() << "KAFKA_BOOTSTRAP is not set; eval \"$(script/stack env)\" sets it";
    std::exit(1);
  }
  return value;
}

}  // namespace

TestTopic::TestTopic(int partitions, const TestProducer::Options& settings)
    : name("source_test." + random_hex_id()), producer(TestProducer::to(real_brokers())) {
  producer.create_topic(name, partitions, settings);
}

KafkaSourceConfig TestTopic::config() const {
  return {.brokers = {producer.brokers()},
          .topics = {name},
          .topic_refresh = std::chrono::milliseconds(200)};
}

Reader::Reader(KafkaSourceConfig config, const std::vector<model::Position>& start)
    : source_(
          std::move(config),
          [this](KafkaLogLevel, const std::string& text) { log.push_back(text); }, clock_),
      status_(source_.open(start)) {}

void Reader::take(const model::RecordBatch& batch) {
  for (const auto& record : batch.records) {
    offsets[record.partition->partition].push_back(record.offset);
    offsets_by_life[*record.partition].push_back(record.offset);
    value_sizes[record.partition->partition].push_back(record.value ? record.value->size() : 0);
  }
  for (const auto& position : batch.positions) positions[position.partition.partition] = position;
  gaps.insert(gaps.end(), batch.gaps.begin(), batch.gaps.end());
  for (const auto& end : batch.ends) ends[end.partition.partition] = end;
  if (batch.stops) stops.assign(batch.stops->begin(), batch.stops->end());
  at_end = batch.at_end;
}

Status Reader::read_until(const std::function<bool()>& done) {
  for (int polls = 0; polls < kPollsMax; ++polls) {
    const auto batch = source_.poll(kPollWait);
    if (!batch) return fail(batch.error().kind, batch.error().message);
    take(*batch);
    if (done()) return {};
  }
  return fail(ErrorKind::kUnavailable, "it did not happen in time");
}

void Reader::read_to_end() {
  ASSERT_TRUE(status_.has_value()) << status_.error().message;
  const Status status = read_until([this] { return at_end; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
}

std::vector<model::Position> Reader::stored() const {
  std::vector<model::Position> all;
  for (const auto& [partition, position] : positions) all.push_back(position);
  return all;
}

bool Reader::has_said(const std::string& words) const {
  return std::ranges::any_of(
      log, [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

model::PartitionStop Reader::only_stop() const {
  EXPECT_EQ(stops.size(), 1U);
  return stops.size() == 1 ? stops.front() : model::PartitionStop{};
}

}  // namespace cdclake::source
