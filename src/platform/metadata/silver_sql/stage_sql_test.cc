#include "platform/metadata/silver_sql/stage_sql.h"

#include <gtest/gtest.h>

#include "platform/metadata/silver_sql/stage_workbench.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::prepared;

const lake::LakePath kQuarantine{lake::Root::kSilver, "stage_events_quarantine"};

TEST(StageSqlTest, MovesThePositionWithTheCountsAndTheFiles) {
  StagedStore it;
  StageCommit commit = it.stage_of("a", 0, 3);
  commit.ranges[0].move.next = 5;
  commit.ranges[0].quarantined = 1;
  commit.ranges[0].no_row = 1;
  commit.quarantine_files.push_back(prepared("q", FileKind::kQuarantine, kQuarantine, 1));
  commit.quarantined.push_back({kUsersTopic, 3, "JSON_PARSE", "at byte 7", it.table, FileId("q")});
  ASSERT_THAT(it.stage(commit), IsOk());
  EXPECT_EQ(it.store->stage_positions()->front().next_offset, 5);
  const auto counts = BareStore::unwrap(it.store->partition_counts());
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0].bronze_records, 10);
  EXPECT_EQ(counts[0].rows, 3);
  EXPECT_EQ(counts[0].quarantined, 1);
  EXPECT_EQ(counts[0].no_row, 1);
  EXPECT_EQ(it.store->unpublished_files(Role::kSilverStage)->size(), 2U);
}

TEST(StageSqlTest, RefusesCountsThatDoNotAddUp) {
  StagedStore it;
  StageCommit fewer_rows = it.stage_of("a", 0, 5);
  fewer_rows.files[0].file.rows = 4;
  EXPECT_THAT(it.stage(fewer_rows), FailsWith(ErrorKind::kCorrupt));
  StageCommit lost_record = it.stage_of("a", 0, 4);
  lost_record.ranges[0].move.next = 5;
  EXPECT_THAT(it.stage(lost_record),
              FailsSaying(ErrorKind::kCorrupt, "records in Bronze=5 staged=4"));
  StageCommit doubled = it.stage_of("a", 0, 5);
  doubled.ranges[0].no_row = 1;
  EXPECT_THAT(it.stage(doubled), FailsWith(ErrorKind::kCorrupt));
  StageCommit unnamed = it.stage_of("a", 0, 4);
  unnamed.ranges[0].move.next = 5;
  unnamed.ranges[0].quarantined = 1;
  EXPECT_THAT(it.stage(unnamed), FailsWith(ErrorKind::kCorrupt));
  StageCommit outside = it.stage_of("a", 0, 5);
  outside.files[0].ranges[0].offsets.next = 6;
  EXPECT_THAT(it.stage(outside), FailsWith(ErrorKind::kCorrupt));
  EXPECT_TRUE(it.store->stage_positions()->empty());
}

TEST(StageSqlTest, RemembersTheSettingsThatTypedATableFromOutsideWithItsFirstRows) {
  StagedStore it;
  const std::map<std::string, std::string> settings = {{"a", "1"}, {"b", "2"}};
  const auto stored = [&] { return BareStore::unwrap(it.store->tables())[0].outside_settings; };
  StageCommit refused = it.stage_of("a", 1, 3);
  refused.outside_settings.emplace(it.table, settings);
  EXPECT_THAT(it.stage(refused), FailsWith(ErrorKind::kConflict));
  EXPECT_TRUE(stored().empty());
  StageCommit commit = it.stage_of("a", 0, 3);
  commit.outside_settings = refused.outside_settings;
  ASSERT_THAT(it.stage(commit), IsOk());
  EXPECT_EQ(stored(), settings);
}

TEST(StageSqlTest, RefusesToPassBronzeOrToStartElsewhere) {
  StagedStore it;
  EXPECT_THAT(it.stage(it.stage_of("a", 0, 11)),
              FailsSaying(ErrorKind::kCorrupt, "bronze position"));
  EXPECT_THAT(it.stage(it.stage_of("a", 5, 10)), FailsWith(ErrorKind::kConflict));
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 5)), IsOk());
  EXPECT_THAT(it.stage(it.stage_of("b", 0, 5)), FailsWith(ErrorKind::kConflict));
}

TEST(StageSqlTest, StagesInsideOfASegment) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 3)), IsOk());
  ASSERT_THAT(it.stage(it.stage_of("b", 3, 7)), IsOk());
  ASSERT_THAT(it.stage(it.stage_of("c", 7, 10)), IsOk());
  EXPECT_EQ(it.store->stage_positions()->front().next_offset, 10);
}

TEST(StageSqlTest, RefusesALostRecordOnceASegmentIsStagedToItsEnd) {
  StagedStore it;  // Segments [0, 5) and [5, 10).
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 3)), IsOk());
  StageCommit lost_record = it.stage_of("b", 3, 6);
  lost_record.ranges[0].move.next = 7;
  ASSERT_THAT(it.stage(lost_record), IsOk()) << "inside of a segment only the records could tell";
  EXPECT_THAT(it.stage(it.stage_of("c", 7, 10)),
              FailsSaying(ErrorKind::kCorrupt, "records in Bronze=10 staged=9"));
}

TEST(StageSqlTest, NumbersItsBatchesAndTellsWhereEachEnded) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 3)), IsOk());
  ASSERT_THAT(it.stage(it.stage_of("b", 3, 10)), IsOk());
  const auto ends = BareStore::unwrap(it.store->stage_batch_ends(it.table, 0));
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0].next_offset, 3);
  EXPECT_EQ(ends[1].next_offset, 10);
  EXPECT_GT(ends[1].batch, ends[0].batch);
  EXPECT_EQ(it.store->stage_batch_ends(it.table, ends[0].batch)->size(), 1U);
  EXPECT_TRUE(it.store->stage_batch_ends(it.table + 1, 0)->empty());
  const auto files = BareStore::unwrap(it.store->unmerged_stage_files(it.table));
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].batch, ends[0].batch);
  EXPECT_EQ(files[1].rows, 7);
  EXPECT_EQ(files[1].schema, it.schema->id);
  EXPECT_EQ(files[1].ranges.front().offsets, (model::OffsetRange{3, 10}));
}

TEST(StageSqlTest, KeepsAPartitionsWaitUntilItIsToldAnother) {
  StagedStore it;
  StageCommit waiting;
  waiting.run = it.run_id;
  waiting.waits.push_back({kUsersTopic, 0, kUsersTable, "a schema"});
  ASSERT_THAT(it.stage(waiting), IsOk());
  ASSERT_EQ(it.store->stage_waits()->size(), 1U);
  EXPECT_EQ(it.store->stage_waits()->front().table, kUsersTable);
  waiting.waits[0].need = "another schema";
  ASSERT_THAT(it.stage(waiting), IsOk());
  EXPECT_EQ(it.store->stage_waits()->front().need, "another schema");
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 5)), IsOk());
  EXPECT_TRUE(it.store->stage_waits()->empty());
}

}  // namespace
}  // namespace cdclake::metadata
