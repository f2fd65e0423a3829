#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <numeric>

#include "stages/source/mock_faults.h"
#include "stages/source/source_workbench.h"
#include "stages/source/test_producer.h"

// What brokers do wrong, made by librdkafka's built-in cluster.
namespace cdclake::source {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

KafkaSourceConfig config_of(const TestProducer& cluster) {
  return {.brokers = {cluster.brokers()}, .topics = {"t"}, .topic_refresh = milliseconds(200)};
}

std::vector<std::int64_t> offsets_up_to(std::int64_t next) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(next));
  std::iota(offsets.begin(), offsets.end(), 0);
  return offsets;
}

void poll_times(Reader& reader, int count) {
  int calls = 0;
  const Status status = reader.read_until([&] { return ++calls == count; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
}

/// Every record of partition 0 comes once, in order.
void expect_exact(Reader& reader, std::int64_t next) {
  const Status status =
      reader.read_until([&] { return reader.offsets[0].size() >= static_cast<std::size_t>(next); });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(reader.offsets[0], offsets_up_to(next));
  EXPECT_THAT(reader.gaps, IsEmpty());
  EXPECT_THAT(reader.stops, IsEmpty());
}

TEST(KafkaFaultsTest, ReadsOnWhenTheLeaderMovesAndABrokerComesBack) {
  auto cluster = TestProducer::with_mock_cluster(3);
  MockFaults faults(cluster);
  cluster.produce("t", 0, 5);
  Reader reader(config_of(cluster));
  expect_exact(reader, 5);
  for (const std::int32_t leader : {2, 3, 1}) {
    faults.move_leader("t", 0, leader);
    cluster.produce("t", 0, 5);
  }
  expect_exact(reader, 20);
  faults.take_down(1);
  faults.move_leader("t", 0, 2);
  cluster.produce("t", 0, 5);
  faults.bring_up(1);
  faults.move_leader("t", 0, 1);
  cluster.produce("t", 0, 5);
  expect_exact(reader, 30);
}

TEST(KafkaFaultsTest, ReadsOnWhenAllBrokersWereDown) {
  auto cluster = TestProducer::with_mock_cluster(2);
  MockFaults faults(cluster);
  cluster.produce("t", 0, 5);
  KafkaSourceConfig config = config_of(cluster);
  config.topic_refresh = milliseconds(60'000);  // Asking takes its time while nobody answers.
  config.librdkafka = {{"reconnect.backoff.max.ms", "500"}};
  Reader reader(config);
  expect_exact(reader, 5);
  for (const std::int32_t broker : {1, 2}) faults.take_down(broker);
  poll_times(reader, 20);
  for (const std::int32_t broker : {1, 2}) faults.bring_up(broker);
  cluster.produce("t", 0, 5);
  expect_exact(reader, 10);
}

TEST(KafkaFaultsTest, ReadsOnAfterErrorsOfAFetch) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 5);
  Reader reader(config_of(cluster));
  expect_exact(reader, 5);
  MockFaults(cluster).fail_requests(
      kFetchApi, {RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                  RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH});
  cluster.produce("t", 0, 5);
  expect_exact(reader, 10);
}

TEST(KafkaFaultsTest, ReadsOnAfterConnectionsThatBreakOrAnswerLate) {
  auto cluster = TestProducer::with_mock_cluster();
  MockFaults faults(cluster);
  cluster.produce("t", 0, 5);
  KafkaSourceConfig config = config_of(cluster);
  config.librdkafka = {{"socket.timeout.ms", "1000"}};
  config.topic_refresh = milliseconds(60'000);
  Reader reader(config);
  expect_exact(reader, 5);
  faults.fail_requests(kFetchApi, {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__TRANSPORT});
  cluster.produce("t", 0, 5);
  expect_exact(reader, 10);
  faults.slow_down(1, milliseconds(3'000));  // Longer than an answer is waited for.
  poll_times(reader, 20);
  faults.slow_down(1, milliseconds(0));
  cluster.produce("t", 0, 5);
  expect_exact(reader, 15);
}

TEST(KafkaFaultsTest, StopsWhereTheLogWasCutBehindUsAndShowsTheFork) {
  auto cluster = TestProducer::with_mock_cluster(2);
  MockFaults faults(cluster);
  cluster.produce("t", 0, 5);
  Reader first(config_of(cluster));
  first.read_to_end();
  ASSERT_EQ(first.positions[0].leader_epoch, 0);
  faults.move_leader("t", 0, 2);
  cluster.produce("t", 0, 7);
  cluster.produce("t", 1, 2);
  // As if epoch 0 had reached offset 9 before a leader without its last four records took over.
  model::Position ahead = first.positions[0];
  ahead.next_offset = 9;
  Reader reader(config_of(cluster), {ahead});
  const Status status = reader.read_until([&] { return !reader.stops.empty(); });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], IsEmpty());
  EXPECT_THAT(reader.offsets[1], ElementsAre(0, 1)) << "the other partitions go on";
  EXPECT_EQ(reader.only_stop().reason, "truncated");
  EXPECT_EQ(reader.only_stop().range, (model::OffsetRange{5, 9}));
  EXPECT_THAT(reader.only_stop().message, HasSubstr("t [0] position=9 fork=5"));
}

TEST(KafkaFaultsTest, GoesOnInALogThatWasNotCutWhateverItsLeader) {
  auto cluster = TestProducer::with_mock_cluster(2);
  cluster.produce("t", 0, 5);
  Reader first(config_of(cluster));
  first.read_to_end();
  MockFaults(cluster).move_leader("t", 0, 2);
  cluster.produce("t", 0, 5);
  Reader second(config_of(cluster), first.stored());
  second.read_to_end();
  EXPECT_THAT(second.offsets[0], ElementsAre(5, 6, 7, 8, 9));
  EXPECT_THAT(second.stops, IsEmpty());
  EXPECT_GT(second.positions[0].leader_epoch, first.positions[0].leader_epoch);
}

TEST(KafkaFaultsTest, NeverGivesRecordsOfANewLifeAsThoseOfTheOld) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 3);
  KafkaSourceConfig config = config_of(cluster);
  config.topic_refresh = milliseconds(60'000);  // It must be noticed before the next look.
  config.librdkafka = {{"topic.metadata.refresh.interval.ms", "300"}};
  Reader reader(config);
  reader.read_to_end();
  const model::PartitionId first = reader.positions[0].partition;
  MockFaults(cluster).make_topic_again("t", 4);
  TestProducer::to(cluster.brokers()).produce("t", 0, 7);
  const Status status = reader.read_until([&] { return reader.offsets_by_life.size() == 2; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  reader.read_to_end();
  EXPECT_EQ(reader.offsets_by_life[first], offsets_up_to(3));
  EXPECT_EQ(reader.offsets_by_life[reader.positions[0].partition], offsets_up_to(7));
}

TEST(KafkaFaultsTest, WhatADeletedTopicStillHeldIsAGapOfItsOldLife) {
  auto cluster = TestProducer::with_mock_cluster();
  MockFaults faults(cluster);
  cluster.produce("t", 0, 3);
  Reader reader(config_of(cluster));
  reader.read_to_end();
  const model::PartitionId first = reader.positions[0].partition;
  faults.fail_requests(kFetchApi, std::vector<int>(30, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR));
  poll_times(reader, 5);
  cluster.produce("t", 0, 5);  // Seen to be there, and never fetched.
  const Status seen = reader.read_until([&] { return reader.ends[0].next_offset == 8; });
  ASSERT_TRUE(seen.has_value()) << seen.error().message;
  faults.make_topic_again("t", 4);
  TestProducer::to(cluster.brokers()).produce("t", 0, 2);
  const Status status = reader.read_until([&] { return reader.offsets_by_life.size() == 2; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(reader.offsets_by_life[first], offsets_up_to(3));
  ASSERT_EQ(reader.gaps.size(), 1U);
  EXPECT_EQ(reader.gaps[0].partition, first);
  EXPECT_EQ(reader.gaps[0].range, (model::OffsetRange{3, 8}));
  EXPECT_EQ(reader.gaps[0].reason, "topic_deleted");
  EXPECT_TRUE(reader.has_said("5 offsets [3, 8)"));
}

TEST(KafkaFaultsTest, StopsAtRecordsThatExpireWhileItReadsAndReadsTheOtherPartitions) {
  auto cluster = TestProducer::with_mock_cluster();
  MockFaults faults(cluster);
  cluster.produce("t", 0, 3);
  Reader reader(config_of(cluster));
  reader.read_to_end();
  // What comes now is gone before it is fetched.
  faults.fail_requests(kFetchApi, std::vector<int>(10, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR));
  poll_times(reader, 5);
  cluster.produce("t", 0, 5);
  faults.delete_records_before("t", 0, 7);
  cluster.produce("t", 1, 2);
  const Status status = reader.read_until([&] { return !reader.stops.empty(); });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(reader.only_stop().reason, "retention_loss");
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[1], ElementsAre(0, 1));
}

TEST(KafkaFaultsTest, ReadsBrokersWithoutTopicIdsAndSaysSoOnce) {
  auto cluster = TestProducer::with_mock_cluster();
  MockFaults(cluster).forget_topic_ids();
  cluster.produce("t", 0, 3);
  Reader reader(config_of(cluster));
  expect_exact(reader, 3);
  EXPECT_EQ(reader.positions[0].partition.incarnation, "no-topic-id");
  const auto said = std::ranges::count_if(
      reader.log, [](const std::string& line) { return line.find("no ids") != std::string::npos; });
  EXPECT_EQ(said, 1);
  cluster.produce("t", 0, 2);
  Reader again(config_of(cluster), reader.stored());
  again.read_to_end();
  EXPECT_THAT(again.offsets[0], ElementsAre(3, 4));
}

TEST(KafkaFaultsTest, NamesARecordThatIsLargerThanAnAnswerMayBe) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 2);
  cluster.produce("t", 0, {"k", std::string(900'000, 'x')});
  cluster.produce("t", 1, 2);
  KafkaSourceConfig config = config_of(cluster);
  config.librdkafka = {{"message.max.bytes", "100000"},
                       {"fetch.max.bytes", "100000"},
                       {"fetch.message.max.bytes", "50000"},
                       {"receive.message.max.bytes", "200000"}};
  Reader reader(config);
  const Status status = reader.read_until([&] { return !reader.stops.empty(); });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(reader.only_stop().reason, "too_large");
  EXPECT_THAT(reader.only_stop().message, HasSubstr("partition=t [0] offset=2"));
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], ElementsAre(0, 1));
  EXPECT_THAT(reader.offsets[1], ElementsAre(0, 1));

  config.librdkafka = {};
  Reader larger(config, reader.stored());
  larger.read_to_end();
  EXPECT_THAT(larger.offsets[0], ElementsAre(2));
}

}  // namespace
}  // namespace cdclake::source
