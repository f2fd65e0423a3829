#include <gmock/gmock.h>

#include "stages/silver_stage/stage_workbench.h"

/// Where the order of a source breaks, and where it only looks so.
namespace cdclake::silver_stage {
namespace {

using testing::FakeRecord;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FakeRecord streamed(std::int64_t offset) { return {.offset = offset, .value = json_of({})}; }
FakeRecord snapshot(std::int64_t offset, const std::string& sequence = R"([null,"200"])",
                    const std::string& word = "\"first_in_data_collection\"") {
  return {.offset = offset, .value = json_of({.op = "r", .sequence = sequence, .snapshot = word})};
}

TEST(SourceOrderTest, StopsATableWhereANewSnapshotFollowsStreamedChanges) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0), streamed(1), snapshot(2)});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 3) << "its rows are staged all the same";
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.refused.front().state, metadata::TableState::kStopped);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("SOURCE_ORDER_BROKEN"));
}

TEST(SourceOrderTest, SeesTheBreakAcrossARestart) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0), streamed(1)});
  bench.stage();
  bench.land({snapshot(2)});
  EXPECT_EQ(bench.stage().refused.size(), 1U);
}

TEST(SourceOrderTest, TakesASnapshotOverARestartForOne) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0)});
  bench.stage();
  bench.land({snapshot(1), streamed(2)});
  EXPECT_THAT(bench.stage().refused, IsEmpty());
}

// The connector died before its first offset was kept, and began again. What was deleted in between
// is in the first snapshot alone.
TEST(SourceOrderTest, StopsATableWhoseInitialSnapshotBeginsAgain) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0, R"([null,"100"])"), snapshot(1, R"([null,"100"])"),
              snapshot(2, R"([null,"200"])")});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 3) << "its rows are staged all the same";
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.refused.front().state, metadata::TableState::kStopped);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("SOURCE_ORDER_BROKEN"));
}

TEST(SourceOrderTest, SeesASnapshotThatBeginsAgainAcrossARestart) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0, R"([null,"100"])")});
  bench.stage();
  bench.land({snapshot(1, R"([null,"200"])")});
  EXPECT_EQ(bench.stage().refused.size(), 1U);
}

TEST(SourceOrderTest, TakesIncrementalAndBlockingSnapshotsForPartOfTheStream) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({snapshot(0), streamed(1), snapshot(2, R"(["100","101"])", "\"incremental\""),
              snapshot(3, R"(["100","100"])", "\"first\""), streamed(4)});
  EXPECT_THAT(bench.stage().refused, IsEmpty());
}

TEST(SourceOrderTest, TakesAReplayForNoBreak) {
  StageWorkbench bench;
  bench.use_corpus_types("k_replay", "plain");
  bench.land_recording("k_replay/plain/events.jsonl.zst");
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 714);
  EXPECT_THAT(report.refused, IsEmpty());
}

TEST(SourceOrderTest, StopsATableWhoseTopicAnotherConnectorWrites) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({streamed(0), {.offset = 1, .value = json_of({.source = "shop2"})}, streamed(2)});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_EQ(report.counts.quarantined, (Counts{{"TABLE_MISMATCH", 1}}));
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.refused.front().state, metadata::TableState::kStopped);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("'shop2'"));
}

TEST(SourceOrderTest, KeepsTheFirstReasonOfAStop) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({streamed(0), snapshot(1), streamed(2), snapshot(3)});
  const StageReport report = bench.stage();
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("offset 1"));
}

}  // namespace
}  // namespace cdclake::silver_stage
