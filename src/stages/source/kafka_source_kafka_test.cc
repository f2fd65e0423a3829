#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/source/source_workbench.h"
#include "stages/source/test_producer.h"

// What only a real broker does: transactions, retention, more partitions, topics made again.
namespace cdclake::source {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

TEST(KafkaSourceRealTest, EndsBeforeATransactionThatIsOpenAndSaysThatItHolds) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 2);
  TestProducer producer = TestProducer::transactional(topic.producer.brokers());
  producer.begin_transaction();
  producer.produce(topic.name, 0, 1);
  producer.flush();
  topic.producer.produce(topic.name, 0, 1);
  KafkaSourceConfig config = topic.config();
  config.pin_patience = milliseconds(500);
  Reader reader(config);
  reader.read_to_end();
  EXPECT_THAT(reader.offsets[0], ElementsAre(0, 1));
  EXPECT_EQ(reader.ends[0].next_offset, 2);

  const Status told = reader.read_until([&] { return reader.has_said("holds a partition back"); });
  ASSERT_TRUE(told.has_value()) << told.error().message;
  EXPECT_TRUE(reader.has_said("partition=" + topic.name + " [0] offset=2"));
  producer.abort_transaction();
  const Status over = reader.read_until([&] { return reader.has_said("has ended"); });
  ASSERT_TRUE(over.has_value()) << over.error().message;
  EXPECT_THAT(reader.offsets[0], ElementsAre(0, 1, 3));
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
  Reader stopped(topic.config(), first.stored());
  stopped.read_to_end();
  EXPECT_THAT(stopped.offsets, IsEmpty());
  EXPECT_THAT(stopped.gaps, IsEmpty());
  EXPECT_EQ(stopped.only_stop().range, (model::OffsetRange{10, 12}));
  EXPECT_THAT(stopped.only_stop().message, HasSubstr("position=10 first=12 end=15"));

  KafkaSourceConfig config = topic.config();
  config.on_data_loss = OnDataLoss::kContinue;
  Reader told(config, first.stored());
  told.read_to_end();
  ASSERT_EQ(told.gaps.size(), 1U);
  EXPECT_EQ(told.gaps[0].reason, "retention_loss");
  EXPECT_EQ(told.gaps[0].range, (model::OffsetRange{10, 12}));
  EXPECT_THAT(told.offsets[0], ElementsAre(12, 13, 14));
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

TEST(KafkaSourceRealTest, ATopicMadeAgainIsAnotherLifeReadFromItsBeginning) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 3);
  KafkaSourceConfig config = topic.config();
  config.topic_refresh = milliseconds(60'000);  // It must be noticed before the next look.
  Reader reader(config);
  reader.read_to_end();
  const model::PartitionId first = reader.positions[0].partition;
  topic.producer.delete_topic(topic.name);
  TestProducer later = TestProducer::to(topic.producer.brokers());
  later.create_topic(topic.name, 1);
  later.produce(topic.name, 0, 7);  // The new life reaches past the old one's position.

  const Status status = reader.read_until([&] { return reader.offsets_by_life.size() == 2; });
  ASSERT_TRUE(status.has_value()) << status.error().message;
  reader.read_to_end();
  EXPECT_THAT(reader.offsets_by_life[first], ElementsAre(0, 1, 2));
  const model::PartitionId second = reader.positions[0].partition;
  EXPECT_NE(second.incarnation, first.incarnation);
  EXPECT_THAT(reader.offsets_by_life[second], ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(reader.has_said("deleted and made again"));
}

TEST(KafkaSourceRealTest, ATopicMadeAgainWhileNobodyReadIsAnotherLifeToo) {
  TestTopic topic(1);
  topic.producer.produce(topic.name, 0, 3);
  Reader reader(topic.config());
  reader.read_to_end();
  topic.producer.delete_topic(topic.name);
  TestProducer later = TestProducer::to(topic.producer.brokers());
  later.create_topic(topic.name, 1);
  later.produce(topic.name, 0, 5);

  Reader again(topic.config(), reader.stored());
  again.read_to_end();
  EXPECT_THAT(again.offsets[0], ElementsAre(0, 1, 2, 3, 4));
  EXPECT_NE(again.positions[0].partition.incarnation, reader.positions[0].partition.incarnation);
}

}  // namespace
}  // namespace cdclake::source
