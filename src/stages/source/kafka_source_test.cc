#include "stages/source/kafka_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "stages/source/kafka_brokers/kafka_handles.h"
#include "stages/source/mock_faults.h"
#include "stages/source/test_producer.h"

// librdkafka's built-in cluster stands for the broker here; kafka_source_kafka_test.cc asks a real
// one.
namespace cdclake::source {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

KafkaSourceConfig config_of(const TestProducer& cluster, std::vector<std::string> topics = {"t"}) {
  return {.brokers = {cluster.brokers()}, .topics = std::move(topics)};
}

/// What a source gave, copied, partition by partition.
struct Reading {
  std::map<std::int32_t, std::vector<std::int64_t>> offsets;
  std::map<std::int32_t, std::int64_t> positions;
  std::vector<model::Gap> gaps;
  std::vector<model::PartitionStop> stops;
  std::string incarnation;
};

Reading read_to_end(KafkaSource& source) {
  Reading reading;
  for (int polls = 0; polls < 200; ++polls) {
    const auto batch = source.poll(milliseconds(100));
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch) return reading;
    for (const auto& record : batch->records) {
      reading.offsets[record.partition->partition].push_back(record.offset);
    }
    for (const auto& position : batch->positions) {
      reading.positions[position.partition.partition] = position.next_offset;
      reading.incarnation = position.partition.incarnation;
    }
    reading.gaps.insert(reading.gaps.end(), batch->gaps.begin(), batch->gaps.end());
    if (batch->stops) reading.stops.assign(batch->stops->begin(), batch->stops->end());
    if (batch->at_end) return reading;
  }
  ADD_FAILURE() << "the end never came";
  return reading;
}

class Opened {
 public:
  explicit Opened(KafkaSourceConfig config, const std::vector<model::Position>& positions = {})
      : source(
            std::move(config),
            [this](KafkaLogLevel, const std::string& text) { log.push_back(text); }, clock) {
    status = source.open(positions);
  }
  SystemClock clock;
  std::vector<std::string> log;
  KafkaSource source;
  Status status;
};

/// The first batch that holds records.
model::RecordBatch first_records(KafkaSource& source) {
  for (int polls = 0; polls < 200; ++polls) {
    const auto batch = source.poll(milliseconds(100));
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch || !batch->records.empty()) return batch.value_or(model::RecordBatch{});
  }
  return {};
}

TEST(KafkaSourceTest, ReadsEveryPartitionFromItsBeginningToItsEnd) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 3);
  cluster.produce("t", 2, 2);
  Opened it(config_of(cluster));
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  const Reading reading = read_to_end(it.source);
  EXPECT_THAT(reading.offsets.at(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(reading.offsets.at(2), ElementsAre(0, 1));
  EXPECT_EQ(reading.positions, (std::map<std::int32_t, std::int64_t>{{0, 3}, {2, 2}}));
  EXPECT_THAT(reading.gaps, IsEmpty());
  EXPECT_EQ(reading.incarnation.size(), 22U);  // A UUID in base64.
}

TEST(KafkaSourceTest, GivesARecordByteForByte) {
  auto cluster = TestProducer::with_mock_cluster();
  const std::string bytes("\0\xFF{}", 4);
  cluster.produce("t", 1,
                  {.key = bytes,
                   .value = bytes + bytes,
                   .headers = {{"a", "1"}, {"b", std::nullopt}, {"a", ""}},
                   .timestamp_ms = 1'700'000'000'123});
  Opened it(config_of(cluster));
  ASSERT_TRUE(it.status.has_value());
  const auto batch = first_records(it.source);
  ASSERT_EQ(batch.records.size(), 1U);
  const model::RawRecord& record = batch.records[0];
  EXPECT_EQ(record.partition->topic, "t");
  EXPECT_EQ(record.partition->partition, 1);
  EXPECT_EQ(record.timestamp_type, model::TimestampType::kCreate);
  EXPECT_EQ(record.timestamp_ms, 1'700'000'000'123);
  EXPECT_EQ(record.key, bytes);
  EXPECT_EQ(record.value, bytes + bytes);
  ASSERT_EQ(record.headers.size(), 3U);
  EXPECT_EQ(record.headers[0].key, "a");
  EXPECT_EQ(record.headers[0].value, "1");
  EXPECT_EQ(record.headers[1].value, std::nullopt);
  EXPECT_EQ(record.headers[2].value, "");
}

TEST(KafkaSourceTest, KeepsNullAndEmptyApart) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, {std::nullopt, std::nullopt});
  cluster.produce("t", 0, {"", ""});
  Opened it(config_of(cluster));
  ASSERT_TRUE(it.status.has_value());
  std::vector<std::pair<bool, bool>> present;
  while (present.size() < 2) {
    const auto batch = it.source.poll(milliseconds(10'000));
    ASSERT_TRUE(batch.has_value());
    for (const auto& record : batch->records) {
      present.emplace_back(record.key.has_value(), record.value.has_value());
    }
  }
  EXPECT_THAT(present, ElementsAre(std::pair(false, false), std::pair(true, true)));
}

TEST(KafkaSourceTest, GoesOnAtThePositionAndNowhereElse) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 10);
  std::string incarnation;
  {
    Opened first(config_of(cluster));
    ASSERT_TRUE(first.status.has_value());
    incarnation = read_to_end(first.source).incarnation;
  }
  Opened it(config_of(cluster), {{{"t", incarnation, 0}, 7}});
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  const Reading reading = read_to_end(it.source);
  EXPECT_THAT(reading.offsets.at(0), ElementsAre(7, 8, 9));
  EXPECT_EQ(reading.positions.at(0), 10);
}

TEST(KafkaSourceTest, ReadsATopicOfAnotherLifeFromItsBeginning) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 3);
  Opened it(config_of(cluster), {{{"t", "another-life", 0}, 2}});
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  const Reading reading = read_to_end(it.source);
  EXPECT_THAT(reading.offsets.at(0), ElementsAre(0, 1, 2));
  EXPECT_NE(reading.incarnation, "another-life");
  EXPECT_THAT(it.log, Contains(HasSubstr("not the one that was read before")));
}

TEST(KafkaSourceTest, StopsAPartitionThatEndsBeforeItsPositionAndReadsTheOthers) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 3);
  cluster.produce("t", 1, 2);
  Opened first(config_of(cluster));
  const std::string incarnation = read_to_end(first.source).incarnation;
  Opened it(config_of(cluster), {{{"t", incarnation, 0}, 99}});
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  const Reading reading = read_to_end(it.source);
  EXPECT_THAT(reading.offsets.at(1), ElementsAre(0, 1));
  EXPECT_FALSE(reading.offsets.contains(0));
  ASSERT_EQ(reading.stops.size(), 1U);
  EXPECT_EQ(reading.stops[0].reason, "truncated");
  EXPECT_EQ(reading.stops[0].range, (model::OffsetRange{3, 99}));
}

TEST(KafkaSourceTest, IsAtTheEndAtOnceWhereNothingIs) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 1);
  Opened first(config_of(cluster));
  const std::string incarnation = read_to_end(first.source).incarnation;
  Opened it(config_of(cluster), {{{"t", incarnation, 0}, 1}});
  const auto batch = it.source.poll(milliseconds(0));
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->at_end);
  EXPECT_THAT(batch->records, IsEmpty());
}

TEST(KafkaSourceTest, ReportsWhatExpiredBeforeTheFirstRead) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 10);
  MockFaults(cluster).delete_records_before("t", 0, 4);
  Opened it(config_of(cluster));
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  const Reading reading = read_to_end(it.source);
  ASSERT_EQ(reading.gaps.size(), 1U);
  EXPECT_EQ(reading.gaps[0].reason, "before_first_read");
  EXPECT_EQ(reading.gaps[0].range, (model::OffsetRange{0, 4}));
  EXPECT_EQ(reading.offsets.at(0).front(), 4);
}

TEST(KafkaSourceTest, GoesOnAfterExpiredRecordsOnlyWhenTold) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 1);
  std::string incarnation;
  {
    Opened first(config_of(cluster));
    incarnation = read_to_end(first.source).incarnation;
  }
  cluster.produce("t", 0, 9);
  MockFaults(cluster).delete_records_before("t", 0, 6);
  KafkaSourceConfig config = config_of(cluster);
  const std::vector<model::Position> positions = {{{"t", incarnation, 0}, 1}};
  Opened stopped(config, positions);
  ASSERT_TRUE(stopped.status.has_value()) << stopped.status.error().message;
  const Reading nothing = read_to_end(stopped.source);
  EXPECT_THAT(nothing.offsets, IsEmpty());
  EXPECT_THAT(nothing.gaps, IsEmpty());
  ASSERT_EQ(nothing.stops.size(), 1U);
  EXPECT_EQ(nothing.stops[0].reason, "retention_loss");
  EXPECT_EQ(nothing.stops[0].range, (model::OffsetRange{1, 6}));

  config.on_data_loss = OnDataLoss::kContinue;
  Opened it(config, positions);
  ASSERT_TRUE(it.status.has_value());
  const Reading reading = read_to_end(it.source);
  ASSERT_EQ(reading.gaps.size(), 1U);
  EXPECT_EQ(reading.gaps[0].reason, "retention_loss");
  EXPECT_EQ(reading.gaps[0].range, nothing.stops[0].range);
}

TEST(KafkaSourceTest, BoundsABatchByRecordsAndByBytes) {
  auto cluster = TestProducer::with_mock_cluster();
  for (int i = 0; i < 20; ++i) cluster.produce("t", 0, {"k", std::string(10'000, 'x')});
  KafkaSourceConfig by_count = config_of(cluster);
  by_count.batch_records_max = 3;
  KafkaSourceConfig by_bytes = config_of(cluster);
  by_bytes.batch_bytes_max = 25'000;
  for (const auto& config : {by_count, by_bytes}) {
    Opened it(config);
    std::size_t total = 0;
    while (total < 20) {
      const auto batch = it.source.poll(milliseconds(10'000));
      ASSERT_TRUE(batch.has_value());
      EXPECT_LE(batch->records.size(), 3U);
      total += batch->records.size();
    }
    EXPECT_EQ(total, 20U);
  }
}

TEST(KafkaSourceTest, ReadsTopicsByPatternAndFindsNewOnes) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("shop.a", 0, 1);
  cluster.produce("other", 0, 1);
  KafkaSourceConfig config = config_of(cluster, {"^shop\\."});
  config.topic_refresh = milliseconds(100);
  Opened it(config);
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  read_to_end(it.source);
  cluster.produce("shop.b", 0, 2);
  std::map<std::string, int> counts;
  for (int polls = 0; polls < 200 && counts["shop.b"] < 2; ++polls) {
    const auto batch = it.source.poll(milliseconds(50));
    ASSERT_TRUE(batch.has_value()) << batch.error().message;
    for (const auto& record : batch->records) ++counts[record.partition->topic];
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"shop.b", 2}}));
}

TEST(KafkaSourceTest, SaysWhichTopicIsGoneThatWasRead) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("stays", 0, 1);
  cluster.produce("goes", 0, 1);
  KafkaSourceConfig config = config_of(cluster, {"stays", "goes"});
  config.topic_refresh = milliseconds(100);
  Opened it(config);
  ASSERT_TRUE(it.status.has_value()) << it.status.error().message;
  read_to_end(it.source);
  MockFaults(cluster).hide_topic("goes");
  Result<model::RecordBatch> batch;
  for (int polls = 0; polls < 100 && batch; ++polls) batch = it.source.poll(milliseconds(50));
  ASSERT_FALSE(batch.has_value());
  EXPECT_EQ(batch.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(batch.error().message, AllOf(HasSubstr("is gone"), HasSubstr("topic=goes")));
  Opened again(config);
  EXPECT_TRUE(again.status.has_value()) << again.status.error().message;
}

TEST(KafkaSourceTest, SaysWhichTopicsDoNotExist) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 1);
  Opened one(config_of(cluster, {"t", "absent"}));
  EXPECT_TRUE(one.status.has_value());
  EXPECT_THAT(one.log, Contains(AllOf(HasSubstr("do not exist yet"), HasSubstr("absent"))));
  Opened none(config_of(cluster, {"absent"}));
  ASSERT_FALSE(none.status.has_value());
  EXPECT_EQ(none.status.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(none.status.error().message, HasSubstr("TOPICS=absent"));
  Opened no_match(config_of(cluster, {"^nomatch.*"}));
  ASSERT_FALSE(no_match.status.has_value());
  EXPECT_EQ(no_match.status.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(no_match.status.error().message, HasSubstr("TOPICS=^nomatch.*"));
  Opened some(config_of(cluster, {"t", "^nomatch.*"}));
  EXPECT_TRUE(some.status.has_value());
  EXPECT_THAT(some.log, Contains(AllOf(HasSubstr("do not exist yet"), HasSubstr("^nomatch.*"))));
}

TEST(KafkaSourceTest, NamesABrokerThatDoesNotAnswerWithinTheTime) {
  for (const std::string topic : {"t", "^t"}) {
    KafkaSourceConfig config{.brokers = {"127.0.0.1:1"}, .topics = {topic}};
    config.connect_wait_max = milliseconds(400);
    Opened it(config);
    ASSERT_FALSE(it.status.has_value());
    EXPECT_EQ(it.status.error().kind, ErrorKind::kUnavailable);
    EXPECT_THAT(it.status.error().message, HasSubstr("KAFKA_BOOTSTRAP=127.0.0.1:1"));
    EXPECT_THAT(it.status.error().message, HasSubstr("Connection refused"));
  }
}

TEST(KafkaSourceTest, EndsInTimeWhenTheBrokerIsGone) {
  auto cluster = std::make_unique<TestProducer>(TestProducer::with_mock_cluster());
  cluster->produce("t", 0, 3);
  auto it = std::make_unique<Opened>(config_of(*cluster));
  const Reading reading = read_to_end(it->source);
  cluster.reset();
  const std::vector<model::PositionMove> moves = {{{"t", reading.incarnation, 0}, 0, 2}};
  EXPECT_TRUE(it->source.acknowledge(moves).has_value());
  EXPECT_TRUE(it->source.poll(milliseconds(10)).has_value());
  const auto begin = SystemClock().monotonic();
  it.reset();
  EXPECT_LT(SystemClock().monotonic() - begin, std::chrono::seconds(8));
}

TEST(KafkaSourceTest, GivesUpAfterALongOutageAndStaysSo) {
  auto cluster = std::make_unique<TestProducer>(TestProducer::with_mock_cluster());
  cluster->produce("t", 0, 1);
  KafkaSourceConfig config = config_of(*cluster);
  config.topic_refresh = milliseconds(10);
  config.outage_max = milliseconds(100);
  Opened it(config);
  read_to_end(it.source);
  cluster.reset();
  auto batch = it.source.poll(milliseconds(10));
  for (int polls = 0; batch && polls < 100; ++polls) batch = it.source.poll(milliseconds(10));
  ASSERT_FALSE(batch.has_value());
  EXPECT_EQ(batch.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(it.source.poll(milliseconds(0)).has_value());
}

TEST(KafkaSourceTest, RefusesAnOptionThatIsNoneWithoutShowingSecrets) {
  KafkaSourceConfig config{.brokers = {"127.0.0.1:1"}, .topics = {"t"}};
  config.librdkafka = {{"no.such.option", "1"}};
  Opened unknown(config);
  ASSERT_FALSE(unknown.status.has_value());
  EXPECT_EQ(unknown.status.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_THAT(unknown.status.error().message, HasSubstr("no.such.option"));

  config.librdkafka = {{"security.protocol", "ssl"}, {"ssl.key.pem", "hunter2hunter2"}};
  Opened bad_key(config);
  ASSERT_FALSE(bad_key.status.has_value());
  EXPECT_THAT(bad_key.status.error().message, Not(HasSubstr("hunter2")));
}

TEST(KafkaSourceTest, TellsTheGroupItsPositionForLagTools) {
  auto cluster = TestProducer::with_mock_cluster();
  cluster.produce("t", 0, 3);
  {
    Opened it(config_of(cluster));
    const Reading reading = read_to_end(it.source);
    const std::vector<model::PositionMove> moves = {{{"t", reading.incarnation, 0}, 0, 2},
                                                    {{"t", "another-life", 1}, 0, 9}};
    EXPECT_TRUE(it.source.acknowledge(moves).has_value());
  }
  std::array<char, 200> why{};
  KafkaConf conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", cluster.brokers().c_str(), why.data(), 200);
  rd_kafka_conf_set(conf.get(), "group.id", "cdc_bronze_writer", why.data(), 200);
  const KafkaHandle reader(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), why.data(), 200));
  const KafkaPartitionList offsets(rd_kafka_topic_partition_list_new(2));
  rd_kafka_topic_partition_list_add(offsets.get(), "t", 0);
  rd_kafka_topic_partition_list_add(offsets.get(), "t", 1);
  ASSERT_EQ(rd_kafka_committed(reader.get(), offsets.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(offsets->elems[0].offset, 2);
  EXPECT_EQ(offsets->elems[1].offset, RD_KAFKA_OFFSET_INVALID);
}

}  // namespace
}  // namespace cdclake::source
