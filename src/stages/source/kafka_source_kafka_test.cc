#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>

#include "base/ids.h"
#include "stages/source/kafka_source.h"
#include "stages/source/test_producer.h"

// What only a real broker does: transactions, retention, more partitions, topics made again.
namespace cdclake::source {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string brokers() {
  const char* value = std::getenv("KAFKA_BOOTSTRAP");
  if (value == nullptr) {
    ADD_FAILURE() << "KAFKA_BOOTSTRAP is not set; eval \"$(script/stack env)\" sets it";
    std::exit(1);
  }
  return value;
}

/// A topic of its own for every test.
struct TestTopic {
  explicit TestTopic(int partitions) : producer(TestProducer::to(brokers())) {
    producer.create_topic(name, partitions);
  }
  TestTopic(const TestTopic&) = delete;
  TestTopic& operator=(const TestTopic&) = delete;
  ~TestTopic() { producer.delete_topic(name); }

  KafkaSourceConfig config() const {
    return {.brokers = {producer.brokers()}, .topics = {name}, .topic_refresh = milliseconds(200)};
  }

  std::string name = "source_test." + random_hex_id();
  TestProducer producer;
};

class Reader {
 public:
  explicit Reader(KafkaSourceConfig config, const std::vector<model::Position>& start = {})
      : source_(std::move(config), nullptr, clock_), status_(source_.open(start)) {}

  const Status& status() const { return status_; }

  /// Polls until `done`, an error, or a time in which any of these tests is over.
  Status read_until(const std::function<bool()>& done) {
    for (int polls = 0; polls < 300; ++polls) {
      const auto batch = source_.poll(milliseconds(100));
      if (!batch) return fail(batch.error().kind, batch.error().message);
      for (const auto& record : batch->records) {
        offsets[record.partition->partition].push_back(record.offset);
      }
      for (const auto& position : batch->positions) {
        positions[position.partition.partition] = position;
      }
      gaps.insert(gaps.end(), batch->gaps.begin(), batch->gaps.end());
      for (const auto& end : batch->ends) ends[end.partition.partition] = end;
      at_end = batch->at_end;
      if (done()) return {};
    }
    return fail(ErrorKind::kUnavailable, "it did not happen in time");
  }
  void read_to_end() {
    ASSERT_TRUE(status_.has_value()) << status_.error().message;
    const Status status = read_until([this] { return at_end; });
    ASSERT_TRUE(status.has_value()) << status.error().message;
  }
  std::vector<model::Position> stored() const {
    std::vector<model::Position> all;
    for (const auto& [partition, position] : positions) all.push_back(position);
    return all;
  }

  std::map<std::int32_t, std::vector<std::int64_t>> offsets;
  std::map<std::int32_t, model::Position> positions;
  std::vector<model::Gap> gaps;
  std::map<std::int32_t, model::PartitionEnd> ends;
  bool at_end = false;

 private:
  SystemClock clock_;
  KafkaSource source_;
  Status status_;
};

/// A transaction's marker is written some time after the transaction has ended.
void wait_for_marker(const TestTopic& topic, std::int64_t end) {
  Reader reader(topic.config());
  const Status status = reader.read_until([&] { return reader.positions[0].next_offset == end; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
}

TEST(KafkaSourceRealTest, ReadsEveryPartitionOnceOverTwoReaders) {
  TestTopic topic(4);
  for (int partition = 0; partition < 4; ++partition)
    topic.producer.produce(topic.name, partition, 5);
  Reader first(topic.config());
  first.read_to_end();
  for (int partition = 0; partition < 4; ++partition)
    topic.producer.produce(topic.name, partition, 2);
  Reader second(topic.config(), first.stored());
  second.read_to_end();
  for (int partition = 0; partition < 4; ++partition) {
    EXPECT_THAT(first.offsets[partition], ElementsAre(0, 1, 2, 3, 4));
    EXPECT_THAT(second.offsets[partition], ElementsAre(5, 6));
  }
}

TEST(KafkaSourceRealTest, ReachesAnEndThatIsATransactionMarker) {
  TestTopic topic(1);
  TestProducer producer = TestProducer::transactional(topic.producer.brokers());
  producer.begin_transaction();
  producer.produce(topic.name, 0, 2);
  producer.commit_transaction();
  wait_for_marker(topic, 3);
  Reader reader(topic.config());
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], ElementsAre(0, 1));
  EXPECT_EQ(reader.positions[0].next_offset, 3);
}

TEST(KafkaSourceRealTest, TellsTheEndsAgainAndAgainLessWhatReadersNeverSee) {
  TestTopic topic(2);
  TestProducer producer = TestProducer::transactional(topic.producer.brokers());
  producer.begin_transaction();
  producer.produce(topic.name, 0, 2);
  producer.commit_transaction();
  wait_for_marker(topic, 3);
  Reader reader(topic.config());
  reader.read_to_end();
  ASSERT_EQ(reader.ends.size(), 2U);
  EXPECT_EQ(reader.ends[0].next_offset, 3) << "before it was read";
  EXPECT_EQ(reader.ends[1].next_offset, 0);
  const std::int64_t first_seen = reader.ends[0].seen_us;
  const Status status = reader.read_until([&] { return reader.ends[0].seen_us > first_seen; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(reader.ends[0].next_offset, 2) << "the marker is passed with the next record only";
}

TEST(KafkaSourceRealTest, NeverGivesAbortedRecordsAndPassesThem) {
  TestTopic topic(1);
  TestProducer producer = TestProducer::transactional(topic.producer.brokers());
  topic.producer.produce(topic.name, 0, 1);
  producer.begin_transaction();
  producer.produce(topic.name, 0, 3);
  producer.abort_transaction();
  wait_for_marker(topic, 5);
  Reader reader(topic.config());
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], ElementsAre(0));
  EXPECT_EQ(reader.positions[0].next_offset, 5);

  Reader again(topic.config(), reader.stored());
  again.read_to_end();
  EXPECT_THAT(again.offsets, IsEmpty());
}

TEST(KafkaSourceRealTest, EndsBeforeATransactionThatIsOpen) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 2);
  TestProducer producer = TestProducer::transactional(topic.producer.brokers());
  producer.begin_transaction();
  producer.produce(topic.name, 0, 1);
  topic.producer.produce(topic.name, 0, 1);
  Reader reader(topic.config());
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], testing::Contains(1));
  producer.abort_transaction();
}

TEST(KafkaSourceRealTest, FindsPartitionsThatAreAdded) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 1);
  Reader reader(topic.config());
  reader.read_to_end();
  topic.producer.add_partitions(topic.name, 3);
  TestProducer later = TestProducer::to(topic.producer.brokers());
  later.produce(topic.name, 2, 4);
  const Status status = reader.read_until([&] { return reader.offsets[2].size() == 4; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_THAT(reader.offsets[2], ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(reader.gaps, IsEmpty());
}

TEST(KafkaSourceRealTest, ReportsExpiredRecordsAsAGap) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 10);
  topic.producer.delete_records_before(topic.name, 0, 4);
  Reader first(topic.config());
  first.read_to_end();
  ASSERT_EQ(first.gaps.size(), 1U);
  EXPECT_EQ(first.gaps[0].reason, "before_first_read");
  EXPECT_EQ(first.gaps[0].range, (model::OffsetRange{0, 4}));
  EXPECT_THAT(first.offsets[0], ElementsAre(4, 5, 6, 7, 8, 9));

  topic.producer.produce(topic.name, 0, 5);
  topic.producer.delete_records_before(topic.name, 0, 12);
  Reader refused(topic.config(), first.stored());
  ASSERT_FALSE(refused.status().has_value());
  EXPECT_EQ(refused.status().error().kind, ErrorKind::kInvalidConfig);
  EXPECT_THAT(refused.status().error().message, HasSubstr("position=10 first=12 end=15"));

  KafkaSourceConfig config = topic.config();
  config.on_data_loss = OnDataLoss::kContinue;
  Reader told(config, first.stored());
  told.read_to_end();
  ASSERT_EQ(told.gaps.size(), 1U);
  EXPECT_EQ(told.gaps[0].reason, "retention");
  EXPECT_EQ(told.gaps[0].range, (model::OffsetRange{10, 12}));
}

TEST(KafkaSourceRealTest, SkipsAPartitionThatExpiredAsAWhole) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 3);
  topic.producer.delete_records_before(topic.name, 0, 3);
  Reader reader(topic.config());
  reader.read_to_end();
  ASSERT_EQ(reader.gaps.size(), 1U);
  EXPECT_EQ(reader.positions[0].next_offset, 3);
}

TEST(KafkaSourceRealTest, ATopicMadeAgainIsAnotherIncarnation) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 3);
  Reader reader(topic.config());
  reader.read_to_end();
  topic.producer.delete_topic(topic.name);
  TestProducer later = TestProducer::to(topic.producer.brokers());
  later.create_topic(topic.name, 1);
  later.produce(topic.name, 0, 2);

  const Status status = reader.read_until([] { return false; });
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kConflict) << status.error().message;

  Reader again(topic.config(), reader.stored());
  again.read_to_end();
  EXPECT_THAT(again.offsets[0], ElementsAre(0, 1));
  EXPECT_NE(again.positions[0].partition.incarnation, reader.positions[0].partition.incarnation);
}

}  // namespace
}  // namespace cdclake::source
