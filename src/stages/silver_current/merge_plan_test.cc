#include "stages/silver_current/merge_plan.h"

#include <gtest/gtest.h>

namespace cdclake::silver_current {
namespace {

const model::PartitionId kFirst{"t", "1", 0};
const model::PartitionId kSecond{"t", "1", 1};

metadata::StoredStageFile file_of(std::int64_t batch, std::int64_t rows,
                                  const model::PartitionId& partition, model::OffsetRange offsets) {
  metadata::StoredStageFile file;
  file.batch = batch;
  file.rows = rows;
  file.schema = model::SchemaId("s");
  file.ranges = {{partition, offsets}};
  return file;
}

BiteLimits rows_max(std::int64_t rows) { return {.rows = rows, .bytes = 1'000'000}; }

TEST(MergePlanTest, TakesAllThatIsStagedWhereItFits) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}, {kSecond, 7}};
  rows.merged = {{kFirst, 4}};
  rows.files = {file_of(1, 6, kFirst, {4, 10})};
  const MergePlan plan = plan_merge(rows, rows_max(100));
  EXPECT_TRUE(plan.takes_all);
  ASSERT_EQ(plan.spans.size(), 2U);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{4, 10}));
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{0, 7}));
}

TEST(MergePlanTest, EndsABiteWhereAStageBatchEnded) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}, {kSecond, 7}};
  rows.files = {file_of(1, 5, kFirst, {0, 5}), file_of(2, 5, kFirst, {5, 10}),
                file_of(3, 7, kSecond, {0, 7})};
  rows.batch_ends = {{1, kFirst, 5}, {2, kFirst, 10}, {3, kSecond, 7}};
  const MergePlan plan = plan_merge(rows, rows_max(6));
  EXPECT_FALSE(plan.takes_all);
  EXPECT_EQ(plan.files.size(), 2U);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{0, 10}));
  EXPECT_TRUE(plan.spans[1].range.empty());
}

TEST(MergePlanTest, EndsABiteWhereItsBytesAreMany) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.files = {file_of(1, 5, kFirst, {0, 5}), file_of(2, 5, kFirst, {5, 10})};
  rows.batch_ends = {{1, kFirst, 5}, {2, kFirst, 10}};
  rows.file_bytes = {600};
  EXPECT_EQ(plan_merge(rows, {.rows = 100, .bytes = 600}).files.size(), 1U);
  rows.file_bytes = {600, 600};
  EXPECT_EQ(plan_merge(rows, {.rows = 100, .bytes = 601}).files.size(), 2U);
}

TEST(MergePlanTest, TakesNothingThatWasStagedAfterThePositionsWereRead) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.files = {file_of(1, 10, kFirst, {0, 10}), file_of(2, 5, kFirst, {10, 15}),
                file_of(3, 5, kFirst, {15, 20})};
  rows.files[1].ranges.push_back({kSecond, {0, 2}});
  rows.batch_ends = {{1, kFirst, 10}, {2, kFirst, 15}, {2, kSecond, 2}, {3, kFirst, 20}};
  const MergePlan plan = plan_merge(rows, rows_max(12));
  ASSERT_EQ(plan.spans.size(), 1U);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{0, 10}));
  EXPECT_EQ(plan.files.size(), 1U) << "it would hold rows of a partition without a span";
  EXPECT_TRUE(plan.takes_all);
}

TEST(MergePlanTest, StopsATableWhoseSchemaChanged) {
  MergePlan plan;
  plan.files = {file_of(1, 1, kFirst, {0, 1})};
  metadata::CurrentVersion version;
  version.schema = model::SchemaId("s");
  EXPECT_FALSE(reason_to_stop(plan, version).has_value());
  version.schema = model::SchemaId("other");
  EXPECT_TRUE(reason_to_stop(plan, version).has_value());
}

TEST(MergePlanTest, StopsATableWhoseTopicHasASecondLife) {
  MergePlan plan;
  plan.spans = {{kFirst, {0, 5}}, {{"t", "2", 0}, {0, 3}}};
  EXPECT_TRUE(reason_to_stop(plan, std::nullopt).has_value());
}

TEST(MergePlanTest, TakesHalvesAloneOnceAllIsStagedThatCameAMinuteLater) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.files = {file_of(1, 6, kFirst, {4, 10})};
  EXPECT_EQ(plan_merge(rows, rows_max(100)).alone_until_us, kNoneAlone)
      << "a recorded topic has no end";
  rows.ends = {{kFirst, 10, 200'000'000}, {kSecond, 0, 100'000'000}};
  EXPECT_EQ(plan_merge(rows, rows_max(100)).alone_until_us, 40'000'000)
      << "the end that was seen first";
  rows.ends = {{kFirst, 10, 200'000'000}, {kSecond, 1, 100'000'000}};
  EXPECT_EQ(plan_merge(rows, rows_max(100)).alone_until_us, kNoneAlone)
      << "not all of it is staged";
}

TEST(MergePlanTest, NamesAPartitionThatIsNotAllStaged) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.written = {{kFirst, 10}};
  EXPECT_EQ(plan_merge(rows, rows_max(100)).unstaged, std::nullopt);
  rows.written = {{kFirst, 10}, {kSecond, 1}};
  EXPECT_EQ(plan_merge(rows, rows_max(100)).unstaged, kSecond);
}

TEST(MergePlanTest, OffersANewOutlookWhenMoreIsStagedOrAFileIsOldEnough) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.files = {file_of(1, 6, kFirst, {4, 10})};
  rows.files[0].committed_us = 50'000'000;
  rows.ends = {{kFirst, 10, 100'000'000}};
  const Outlook before = outlook_of(rows);
  rows.ends = {{kFirst, 10, 105'000'000}};
  EXPECT_EQ(outlook_of(rows), before) << "an end alone is no news";
  rows.ends = {{kFirst, 10, 110'000'000}};
  EXPECT_NE(outlook_of(rows), before);
  rows.ends.clear();
  rows.staged = {{kFirst, 10}, {kSecond, 1}};
  EXPECT_NE(outlook_of(rows), before);
}

TEST(MergePlanTest, TakesNoHalfAloneWhileItTakesABiteOnly) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}};
  rows.files = {file_of(1, 5, kFirst, {0, 5}), file_of(2, 5, kFirst, {5, 10})};
  rows.batch_ends = {{1, kFirst, 5}, {2, kFirst, 10}};
  rows.ends = {{kFirst, 10, 200'000'000}};
  EXPECT_EQ(plan_merge(rows, rows_max(5)).alone_until_us, kNoneAlone);
}

/// The delete at offset 5 of one partition and the create at offset 9 of the other are one move.
struct OneMove {
  OneMove() {
    halves.events.resize(2);
    halves.events[0].offset = 5;
    halves.events[1].offset = 9;
    halves.events[1].partition = 1;
    plan.spans = {{kFirst, {2, 100}}, {kSecond, {0, 200}}};
    plan.files = {file_of(1, 8, kFirst, {2, 10}), file_of(2, 90, kFirst, {10, 100}),
                  file_of(3, 200, kSecond, {0, 200})};
  }
  ChangeBatch halves;
  MergePlan plan;
};

TEST(MergePlanTest, TakesOnlyWhatTheFirstMoveNeedsWhereItsHalvesLieFarApart) {
  OneMove move;
  MergeCut cut;
  cut.moves.create_of_delete[0] = 1;
  cut.moves.delete_of_create[1] = 0;
  MergePlan plan = up_to_first_halves(move.plan, move.halves, cut, 14);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{2, 6}));
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{0, 10}));
  EXPECT_EQ(plan.files.size(), 2U);
  EXPECT_FALSE(plan.takes_all);
  move.plan.spans = {{kFirst, {5, 100}}, {kSecond, {9, 200}}};
  plan = up_to_first_halves(move.plan, move.halves, cut, 1);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{5, 6})) << "both, however little fits";
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{9, 10}));
}

TEST(MergePlanTest, ReachesAFirstHalfInBitesThatFit) {
  const OneMove move;
  MergeCut cut;
  cut.alone = {0, 1};
  MergePlan plan = up_to_first_halves(move.plan, move.halves, cut, 13);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{2, 5}));
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{0, 9})) << "the halves by themselves";
  plan = up_to_first_halves(move.plan, move.halves, cut, 4);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{2, 5}));
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{0, 1}));
  EXPECT_EQ(plan.files.size(), 2U);
}

TEST(MergePlanTest, TakesAFirstHalfWithoutItsOtherHalfOnlyWhereItIsAlone) {
  OneMove move;
  move.plan.spans = {{kFirst, {5, 100}}, {kSecond, {9, 200}}};
  MergeCut cut;
  cut.alone = {1};
  const MergePlan plan = up_to_first_halves(move.plan, move.halves, cut, 100);
  EXPECT_EQ(plan.spans[0].range, (model::OffsetRange{5, 5}));
  EXPECT_EQ(plan.spans[1].range, (model::OffsetRange{9, 10}));
}

TEST(MergePlanTest, TakesNoHalfAloneWhereItTakesAPartOfABatch) {
  UnmergedRows rows;
  rows.staged = {{kFirst, 10}, {kSecond, 10}};
  rows.files = {file_of(1, 10, kFirst, {0, 10}), file_of(1, 10, kSecond, {0, 10})};
  rows.batch_ends = {{1, kFirst, 10}, {1, kSecond, 10}};
  rows.ends = {{kFirst, 10, 200'000'000}, {kSecond, 10, 200'000'000}};
  const MergePlan whole = plan_merge(rows, rows_max(50));
  EXPECT_NE(whole.alone_until_us, kNoneAlone);
  EXPECT_EQ(narrowed(whole, 20).alone_until_us, whole.alone_until_us);
  const MergePlan part = narrowed(whole, 12);
  EXPECT_EQ(part.spans[0].range, (model::OffsetRange{0, 10}));
  EXPECT_EQ(part.spans[1].range, (model::OffsetRange{0, 2}));
  EXPECT_EQ(part.alone_until_us, kNoneAlone);
  EXPECT_FALSE(part.takes_all);
}

TEST(MergePlanTest, CountsWhatFitsByWhatWasMeasured) {
  UnmergedRows rows;
  rows.files = {file_of(1, 10, kFirst, {0, 10}), file_of(2, 30, kFirst, {10, 40})};
  rows.file_bytes = {1'000};
  EXPECT_EQ(changes_within(rows, 350), 3);
  EXPECT_EQ(changes_within(rows, 1), 1);
}

}  // namespace
}  // namespace cdclake::silver_current
