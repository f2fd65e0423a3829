#include "platform/metadata/silver_sql/flaw_sql.h"

#include <gtest/gtest.h>

#include "platform/metadata/silver_sql/stage_workbench.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::IsOk;
using testing::prepared;

TEST(FlawSqlTest, FindsNothingWhereAllIsWell) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 10)), IsOk());
  EXPECT_TRUE(it.store->flaws()->empty());
}

TEST(FlawSqlTest, NamesTheQuarantinedRecordsOfATable) {
  StagedStore it;
  StageCommit commit = it.stage_of("a", 0, 4);
  commit.ranges[0].move.next = 5;
  commit.ranges[0].quarantined = 1;
  commit.quarantine_files.push_back(
      prepared("q", FileKind::kQuarantine, {lake::Root::kSilver, "quarantine"}, 1));
  commit.quarantined.push_back({kUsersTopic, 4, "MISSING_OP", "no op", it.table, FileId("q")});
  ASSERT_THAT(it.stage(commit), IsOk());
  const auto flaws = BareStore::unwrap(it.store->flaws());
  ASSERT_EQ(flaws.size(), 1U);
  EXPECT_EQ(flaws[0].table, it.table);
  EXPECT_EQ(flaws[0].partition, kUsersTopic);
  EXPECT_EQ(flaws[0].offset, 4);
  EXPECT_EQ(flaws[0].cause, "QUARANTINED");
  EXPECT_EQ(flaws[0].detail, "MISSING_OP: no op");
}

TEST(FlawSqlTest, MarksEveryTableOfATopicForARecordThatNamesNone) {
  StagedStore it;
  StageCommit commit;
  commit.run = it.run_id;
  commit.ranges.push_back({{kUsersTopic, 0, 5}, 0, 5, 0});
  commit.quarantine_files.push_back(
      prepared("q", FileKind::kQuarantine, {lake::Root::kSilver, "quarantine"}, 5));
  for (std::int64_t offset = 0; offset < 5; ++offset) {
    commit.quarantined.push_back(
        {kUsersTopic, offset, "JSON_PARSE", "", std::nullopt, FileId("q")});
  }
  ASSERT_THAT(it.stage(commit), IsOk());
  const auto flaws = BareStore::unwrap(it.store->flaws());
  ASSERT_EQ(flaws.size(), 5U);
  EXPECT_EQ(flaws[0].table, it.table);
}

TEST(FlawSqlTest, NamesTheHalvesOfKeyMovesThatWereMergedAlone) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 10)), IsOk());
  MergeCommit commit;
  commit.run = it.store.begin_run(Role::kSilverMerge, "merge");
  TableMerge merge;
  merge.table = it.table;
  merge.moves = {{kUsersTopic, 0, 10}};
  merge.lost_halves = {{kUsersTopic, 4, MoveHalf::kCreate}, {kUsersTopic, 7, MoveHalf::kDelete}};
  commit.tables = {merge};
  ASSERT_THAT(it.store->commit(it.store.lease(Role::kSilverMerge), commit), IsOk());
  const auto flaws = BareStore::unwrap(it.store->flaws());
  ASSERT_EQ(flaws.size(), 2U);
  EXPECT_EQ(flaws[0].table, it.table);
  EXPECT_EQ(flaws[0].partition, kUsersTopic);
  EXPECT_EQ(flaws[0].offset, 4);
  EXPECT_EQ(flaws[0].cause, "LOST_HALF");
  EXPECT_NE(flaws[0].detail, flaws[1].detail);
}

TEST(FlawSqlTest, CountsAGapForEveryTableThatItsTopicFeeds) {
  StagedStore it;
  const auto& lease = it.store.lease(Role::kSilverStage);
  ASSERT_THAT(it.store->register_table(lease, {"s", "db", "public", "more"}, kUsersTopic.topic),
              IsOk());
  ASSERT_THAT(it.store->register_table(lease, {"s", "db", "public", "other"}, "s.other"), IsOk());
  BronzeCommit commit;
  commit.run = RunId("bronze");
  commit.moves.push_back({kUsersTopic, 10, 25});
  commit.gaps.push_back({kUsersTopic, {10, 25}, "recorded_gap"});
  ASSERT_THAT(it.store->commit(it.store.lease(Role::kBronzeWrite), commit), IsOk());
  const auto flaws = BareStore::unwrap(it.store->flaws());
  ASSERT_EQ(flaws.size(), 2U);
  EXPECT_NE(flaws[0].table, flaws[1].table);
  EXPECT_EQ(flaws[0].cause, "GAP");
  EXPECT_EQ(flaws[0].offset, 10);
  EXPECT_EQ(flaws[0].detail, "recorded_gap: offsets 10 to 24");
}

TEST(FlawSqlTest, CountsRowsOfTheNewestVersionWithLostValues) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 10)), IsOk());
  MergeCommit commit;
  commit.run = it.store.begin_run(Role::kSilverMerge, "merge");
  TableMerge merge;
  merge.table = it.table;
  merge.new_version = 1;
  merge.schema = it.schema->id;
  merge.added = {prepared("f", FileKind::kCurrent, {lake::Root::kSilver, "current_data"}, 9)};
  merge.files = {{FileId("f"), 9, merge.added[0].bytes, "", "", 3}};
  commit.tables = {merge};
  ASSERT_THAT(it.store->commit(it.store.lease(Role::kSilverMerge), commit), IsOk());
  const auto flaws = BareStore::unwrap(it.store->flaws());
  ASSERT_EQ(flaws.size(), 1U);
  EXPECT_EQ(flaws[0].cause, "UNRESOLVED_VALUE");
  EXPECT_FALSE(flaws[0].partition);
  EXPECT_NE(flaws[0].detail.find('3'), std::string::npos);
}

}  // namespace
}  // namespace cdclake::metadata
