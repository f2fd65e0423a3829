#include "platform/commit/job_run.h"

#include <gtest/gtest.h>

#include <vector>

#include "testing/bare_store.h"
#include "testing/matchers.h"

namespace cdclake::commit {
namespace {

using metadata::RunStatus;
using testing::IsOk;

constexpr RunLimits kLimits{.time_max = std::chrono::hours(1), .bytes_max = 100};

struct Bench {
  testing::BareStore store;
  JobRun run{
      {*store, store.lease(metadata::Role::kSilverStage), store.clock()}, "silver_stage", kLimits};

  /// Of all runs, the newest first.
  std::vector<RunStatus> statuses() {
    std::vector<RunStatus> found;
    const auto rows = store->runs(100);
    for (const metadata::Run& row : *rows) found.push_back(row.status);
    return found;
  }
};

TEST(JobRunTest, LeavesNoTraceOfAJobThatFoundNothingToDo) {
  Bench bench;
  EXPECT_FALSE(bench.run.is_open());
  bench.store.clock().advance(std::chrono::hours(2));
  EXPECT_THAT(bench.run.end_if_due(), IsOk());
  EXPECT_THAT(bench.run.end(RunStatus::kSuccess), IsOk());
  EXPECT_TRUE(bench.statuses().empty());
}

TEST(JobRunTest, IsOneRunUntilItIsDue) {
  Bench bench;
  const RunId id = bench.run.id();
  for (int round = 0; round < 3; ++round) {
    ASSERT_THAT(bench.run.begin(), IsOk());
    EXPECT_EQ(bench.run.id(), id);
    bench.store.clock().advance(std::chrono::minutes(10));
    ASSERT_THAT(bench.run.end_if_due(), IsOk());
  }
  EXPECT_EQ(bench.statuses(), std::vector{RunStatus::kRunning});
  EXPECT_EQ(bench.store->runs(1).value().front().id, id);
}

TEST(JobRunTest, RollsWhenItIsLongOrLargeOrADayHasEnded) {
  Bench bench;  // At 12:00 UTC.
  ASSERT_THAT(bench.run.begin(), IsOk());
  const RunId first = bench.run.id();
  bench.store.clock().advance(std::chrono::hours(1));
  EXPECT_TRUE(bench.run.is_due());
  ASSERT_THAT(bench.run.end_if_due(), IsOk());
  EXPECT_NE(bench.run.id(), first);

  ASSERT_THAT(bench.run.begin(), IsOk());
  bench.run.add_bytes(99);
  EXPECT_FALSE(bench.run.is_due());
  bench.run.add_bytes(1);
  EXPECT_TRUE(bench.run.is_due());
  ASSERT_THAT(bench.run.end_if_due(), IsOk());

  while (utc_date(bench.store.clock().now() + std::chrono::minutes(30)) == "2026-11-24") {
    bench.store.clock().advance(std::chrono::minutes(30));
  }
  ASSERT_THAT(bench.run.begin(), IsOk());
  EXPECT_FALSE(bench.run.is_due()) << "neither the bytes nor the hours of the run before count";
  bench.store.clock().advance(std::chrono::minutes(31));
  EXPECT_TRUE(bench.run.is_due());
  ASSERT_THAT(bench.run.end_if_due(), IsOk());
  EXPECT_EQ(bench.statuses(), std::vector(3, RunStatus::kSuccess));
}

TEST(JobRunTest, SaysHowItEnded) {
  Bench bench;
  ASSERT_THAT(bench.run.begin(R"({"a":1})"), IsOk());
  ASSERT_THAT(bench.run.end(RunStatus::kFailed), IsOk());
  EXPECT_FALSE(bench.run.is_open());
  const metadata::Run row = bench.store->runs(1).value().front();
  EXPECT_EQ(row.status, RunStatus::kFailed);
  EXPECT_EQ(row.details, R"({"a":1})");
  EXPECT_TRUE(row.ended_us.has_value());
}

}  // namespace
}  // namespace cdclake::commit
