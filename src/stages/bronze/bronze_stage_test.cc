#include "stages/bronze/bronze_stage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/faulty_lake.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::bronze {
namespace {

using testing::BelowPosition;
using testing::fake_records;
using testing::FakeBatch;
using testing::FakeRecord;
using testing::FakeSource;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr const char* kUsers = "shop.public.users";
constexpr const char* kOrders = "shop.public.orders";

std::vector<FakeRecord> joined(std::vector<FakeRecord> records,
                               const std::vector<FakeRecord>& others) {
  records.insert(records.end(), others.begin(), others.end());
  return records;
}

TEST(BronzeStageTest, StoresEveryRecordByteForByte) {
  BronzeWorkbench bench;
  const std::vector<FakeRecord> records = {
      {.offset = 0, .key = std::nullopt, .value = std::nullopt},
      {.offset = 1, .key = "", .value = "", .headers = {{"a", ""}, {"a", std::nullopt}}},
      {.offset = 2, .timestamp_ms = -1, .timestamp_type = model::TimestampType::kNone},
      {.offset = 3, .key = "\xff", .value = std::string("\0\xfe", 2)},
      {.offset = 4, .value = std::string(50'000'000, 'x')}};
  ASSERT_THAT(bench.write({FakeBatch{.records = records}}), IsOk());
  EXPECT_EQ(bench.records(), records);
  EXPECT_EQ(bench.position(kUsers, 0), 5);
}

TEST(BronzeStageTest, KeepsTopicsAndPartitionsApart) {
  BronzeWorkbench bench;
  const auto users = fake_records(0, 10);
  const auto orders = joined(fake_records(5, 3, {.topic = kOrders}),
                             fake_records(0, 4, {.topic = kOrders, .partition = 1}));
  const auto report = bench.write({FakeBatch{.records = users}, FakeBatch{.records = orders}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->records, 17);
  EXPECT_EQ(report->files, 2);
  EXPECT_EQ(bench.records(), joined(orders, users));
}

TEST(BronzeStageTest, RecordsWhereTheSourceEndsWithoutWaitingForRecords) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  const FakeBatch idle{.ends = {{users, 10, 77}}};
  ASSERT_THAT(bench.write({idle}), IsOk());
  const auto ends = bench.store->source_ends();
  ASSERT_THAT(ends, IsOk());
  ASSERT_EQ(ends->size(), 1U);
  EXPECT_EQ(ends->front().next_offset, 10);
  EXPECT_EQ(ends->front().seen_us, 77);
  EXPECT_EQ(bench.position(kUsers, 0), 0);
}

TEST(BronzeStageTest, TellsTheSourceAtTheNextStartWhereItStands) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 3)}}), IsOk());
  FakeSource next({});
  ASSERT_THAT(bench.write(next), IsOk());
  ASSERT_EQ(next.acknowledged().size(), 1U);
  EXPECT_EQ(next.acknowledged()[0].next, 3);
}

TEST(BronzeStageTest, CommitsWhenEnoughRowsAreBuffered) {
  BronzeWorkbench bench;
  const auto report =
      bench.write({FakeBatch{.records = fake_records(0, 25)}}, {.batch_rows_max = 10});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->files, 3);
  EXPECT_EQ(bench.names(".parquet").front().substr(bench.names(".parquet").front().rfind('/')),
            "/events_00001.parquet");
  EXPECT_EQ(bench.records(), fake_records(0, 25));
}

TEST(BronzeStageTest, CommitsWhenEnoughBytesAreBuffered) {
  BronzeWorkbench bench;
  const auto report =
      bench.write({FakeBatch{.records = fake_records(0, 10, {.value = std::string(1000, 'x')})}},
                  {.batch_bytes_max = 3000});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->files, 4);
}

TEST(BronzeStageTest, CountsTheBytesOfHeadersToo) {
  BronzeWorkbench bench;
  const FakeRecord like{.headers = {{std::string(500, 'h'), std::string(500, 'x')}}};
  ASSERT_THAT(
      bench.write({FakeBatch{.records = fake_records(0, 10, like)}}, {.batch_bytes_max = 3000}),
      IsOk());
  EXPECT_EQ(bench.names(".parquet").size(), 4U);
}

TEST(BronzeStageTest, CommitsWhenTooManyTopicsAreOpen) {
  BronzeWorkbench bench;
  std::vector<FakeRecord> records;
  for (int i = 0; i < 10; ++i) records.push_back({.topic = "t.t" + std::to_string(i)});
  ASSERT_THAT(bench.write({FakeBatch{.records = records}}, {.open_files_max = 3}), IsOk());
  EXPECT_EQ(bench.records(), records);
}

TEST(BronzeStageTest, LetsNoRecordWaitLongerThanTheInterval) {
  BronzeWorkbench bench;
  const auto tick = [&] { bench.clock.advance(std::chrono::seconds(3)); };
  const auto report = bench.write({FakeBatch{.records = fake_records(0, 1)},
                                   FakeBatch{.records = fake_records(1, 1), .before = tick},
                                   FakeBatch{.records = fake_records(2, 1), .before = tick},
                                   FakeBatch{.records = fake_records(3, 1)}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->files, 2);
}

TEST(BronzeStageTest, TellsTheSourceWhatIsCommitted) {
  BronzeWorkbench bench;
  FakeSource source({FakeBatch{.records = fake_records(0, 3)}});
  ASSERT_THAT(bench.write(source), IsOk());
  ASSERT_EQ(source.acknowledged().size(), 1U);
  EXPECT_EQ(source.acknowledged()[0].next, 3);
}

TEST(BronzeStageTest, GoesOnWhereTheLastProcessEnded) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 3)}}), IsOk());
  bench.store.reopen();
  FakeSource source({FakeBatch{.records = fake_records(0, 6)}}, BelowPosition::kSkipped);
  ASSERT_THAT(bench.write(source), IsOk());
  ASSERT_EQ(source.opened_at().size(), 1U);
  EXPECT_EQ(source.opened_at()[0].next_offset, 3);
  EXPECT_EQ(bench.records(), fake_records(0, 6));
}

TEST(BronzeStageTest, LeavesNothingBehindWithoutRecords) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{}, FakeBatch{}}), IsOk());
  EXPECT_TRUE(bench.names("").empty());
  EXPECT_TRUE(bench.store->runs(10).value().empty());
}

TEST(BronzeStageTest, CoversHolesAndPositionsPastTheLastRecord) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  const std::vector<FakeRecord> records = {{.offset = 0}, {.offset = 7}};
  ASSERT_THAT(bench.write({FakeBatch{.records = records, .positions = {{users, 9}}}}), IsOk());
  EXPECT_EQ(bench.position(kUsers, 0), 9);
  EXPECT_EQ(bench.records(), records);
}

TEST(BronzeStageTest, KeepsBackAPositionThatMovesWithoutARecord) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  ASSERT_THAT(
      bench.write({FakeBatch{.positions = {{users, 5}}}, FakeBatch{.records = {{.offset = 5}}}}),
      IsOk());
  EXPECT_EQ(bench.position(kUsers, 0), 6);
  const auto files = bench.store->bronze_files(users, {0, 1}).value();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].segments[0].range, (model::OffsetRange{0, 6}));
}

TEST(BronzeStageTest, RecordsGapsBesideTheSegments) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  const std::vector<FakeRecord> records = {{.offset = 100}, {.offset = 101}, {.offset = 200}};
  const auto report = bench.write({FakeBatch{
      .records = records,
      .gaps = {{users, {0, 100}, "before_first_read"}, {users, {110, 200}, "recorded_gap"}}}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->gaps.size(), 2U);
  const auto gaps = bench.store->gaps().value();
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].range, (model::OffsetRange{0, 100}));
  EXPECT_EQ(gaps[1].range, (model::OffsetRange{110, 200}));
  EXPECT_EQ(bench.records(), records);
}

TEST(BronzeStageTest, RecordsAGapThatNoRecordFollows) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  ASSERT_THAT(bench.write({FakeBatch{.gaps = {{users, {0, 10}, "retention_loss"}}}}), IsOk());
  EXPECT_EQ(bench.position(kUsers, 0), 10);
  EXPECT_EQ(bench.store->gaps().value().size(), 1U);
  EXPECT_TRUE(bench.names("").empty());
}

TEST(BronzeStageTest, KeepsTheEpochOfTheRecordRightBeforeAPositionAndOfNothingElse) {
  BronzeWorkbench bench;
  const model::PartitionId users{kUsers, "recorded:1", 0};
  const auto epoch = [&] { return bench.store->bronze_positions().value().at(0).leader_epoch; };
  const std::vector<FakeRecord> one = {{.offset = 0, .leader_epoch = 7}};
  ASSERT_THAT(bench.write({FakeBatch{.records = one}}), IsOk());
  EXPECT_EQ(epoch(), 7);
  // A marker behind the record may have been written under another leader.
  const std::vector<FakeRecord> two = {{.offset = 1, .leader_epoch = 8}};
  ASSERT_THAT(bench.write({FakeBatch{.records = two, .positions = {{users, 3}}}}), IsOk());
  EXPECT_EQ(bench.position(kUsers, 0), 3);
  EXPECT_EQ(epoch(), model::kNoLeaderEpoch);
}

TEST(BronzeStageTest, RecordsWhichPartitionsAreStoppedAndMovesNothingForThem) {
  BronzeWorkbench bench;
  const model::PartitionStop stop{
      {kUsers, "recorded:1", 0}, {3, 9}, "retention_loss", "6 offsets expired"};
  const std::vector<FakeRecord> other = {{.partition = 1, .offset = 0}};
  ASSERT_THAT(bench.write({FakeBatch{.records = other, .stops = {{stop}}}}), IsOk());
  ASSERT_EQ(bench.store->source_stops().value().size(), 1U);
  EXPECT_EQ(bench.store->source_stops().value()[0].range, (model::OffsetRange{3, 9}));
  EXPECT_TRUE(bench.store->gaps().value().empty());
  EXPECT_EQ(bench.store->bronze_positions().value().size(), 1U) << "of the other partition";

  ASSERT_THAT(bench.write({FakeBatch{.records = {{.partition = 1, .offset = 1}}}}), IsOk());
  EXPECT_EQ(bench.store->source_stops().value().size(), 1U) << "nothing was said of it";
  ASSERT_THAT(bench.write({FakeBatch{.stops = std::vector<model::PartitionStop>{}}}), IsOk());
  EXPECT_TRUE(bench.store->source_stops().value().empty());
}

TEST(BronzeStageTest, StopsWithEverythingCommitted) {
  BronzeWorkbench bench;
  std::stop_source stop;
  FakeSource source(
      {FakeBatch{.records = fake_records(0, 3), .before = [&] { stop.request_stop(); }},
       FakeBatch{.records = fake_records(3, 3)}});
  const auto& lease = bench.store.lease(metadata::Role::kBronzeWrite);
  commit::Publisher publisher(bench.lake.fs(), *bench.store, lease);
  BronzeStage stage({}, {bench.lake.fs(), *bench.store, publisher, lease, bench.clock}, source);
  ASSERT_THAT(stage.open(), IsOk());
  ASSERT_THAT(stage.run_round(stop.get_token()), IsOk());
  const auto last = stage.finish();
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ(last->ended.at(0).status, metadata::RunStatus::kSuccess);
  EXPECT_EQ(bench.records(), fake_records(0, 3));
}

/// A source whose second poll fails.
class FailingSource final : public model::RecordSource {
 public:
  explicit FailingSource(ErrorKind kind) : kind_(kind) {}
  Status open(const std::vector<model::Position>&) override { return {}; }
  Result<model::RecordBatch> poll(std::chrono::milliseconds wait_max) override {
    if (polls_++ == 0) return good_.poll(wait_max);
    return fail(kind_, "line 4 is no record");
  }
  Status acknowledge(std::span<const model::PositionMove>) override { return {}; }

 private:
  ErrorKind kind_;
  int polls_ = 0;
  FakeSource good_{{FakeBatch{.records = fake_records(0, 3)}, FakeBatch{}}};
};

TEST(BronzeStageTest, KeepsWhatCameBeforeADamage) {
  BronzeWorkbench bench;
  FailingSource source(ErrorKind::kCorrupt);
  EXPECT_THAT(bench.write(source), testing::FailsSaying(ErrorKind::kCorrupt, "line 4"));
  EXPECT_EQ(bench.records(), fake_records(0, 3));
  const auto runs = bench.store->runs(10).value();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].status, metadata::RunStatus::kFailed);
  EXPECT_THAT(bench.text("manifest.json"), HasSubstr("line 4 is no record"));
  EXPECT_TRUE(bench.names("_SUCCESS").empty());
}

/// A stage that reads records, and then fails: because its source does, or its lake.
struct StageThatFails {
  StageThatFails(model::RecordSource& source, lake::LakeFs& fs)
      : publisher(fs, *bench.store, lease),
        stage({}, {fs, *bench.store, publisher, lease, bench.clock}, source) {}

  BronzeWorkbench bench;
  const metadata::LeaseGrant& lease = bench.store.lease(metadata::Role::kBronzeWrite);
  commit::Publisher publisher;
  BronzeStage stage;
};

TEST(BronzeStageTest, OwesNothingOnceItsSourceAloneHasFailed) {
  FailingSource source(ErrorKind::kUnavailable);
  testing::TempLake lake;
  StageThatFails it(source, lake.fs());
  ASSERT_THAT(it.stage.open(), IsOk());
  while (it.stage.run_round({})) EXPECT_FALSE(it.stage.owes_nothing());
  EXPECT_TRUE(it.stage.owes_nothing());
  EXPECT_EQ(it.bench.position(kUsers, 0), 3);
}

TEST(BronzeStageTest, OwesWhatItsLakeDidNotTake) {
  FailingSource source(ErrorKind::kUnavailable);
  testing::TempLake lake;
  testing::FaultyLake full(lake.fs(), 1, testing::Fault::kForGood);
  StageThatFails it(source, full);
  ASSERT_THAT(it.stage.open(), IsOk());
  while (it.stage.run_round({})) continue;
  EXPECT_FALSE(it.stage.owes_nothing());
}

}  // namespace
}  // namespace cdclake::bronze
