#include "stages/bronze/bronze_run.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/matchers.h"

namespace cdclake::bronze {
namespace {

using metadata::RunStatus;
using testing::fake_records;
using testing::FakeBatch;
using testing::FakeRecord;
using ::testing::HasSubstr;
using testing::IsOk;

/// Begins a run, commits one file, and is gone.
void die_in_a_run(BronzeWorkbench& bench, std::vector<FakeRecord> records) {
  testing::FakeSource source({FakeBatch{.records = std::move(records)}});
  const auto& lease = bench.store.lease(metadata::Role::kBronzeWrite);
  commit::Publisher publisher(bench.lake.fs(), *bench.store, lease);
  BronzeStage stage({.batch_rows_max = 1},
                    {bench.lake.fs(), *bench.store, publisher, lease, bench.clock}, source);
  ASSERT_THAT(stage.open(), IsOk());
  ASSERT_THAT(stage.run_round({}), IsOk());
}

TEST(BronzeRunTest, LeavesAManifestWithTheFirstVersionsKeys) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 3)}}, {.kafka_group_id = "g"}),
              IsOk());
  const auto run = bench.store->runs(1).value().at(0);
  EXPECT_EQ(run.status, RunStatus::kSuccess);
  EXPECT_EQ(run.job, "bronze_write");
  const std::string folder =
      "cdc/source=shop/table=public.users/ingestion_date=2026-11-24/run_id=" + run.id.value;
  EXPECT_EQ(bench.text("manifest.json"),
            "{\n"
            "  \"run_id\": \"" +
                run.id.value +
                "\",\n"
                "  \"ingestion_date\": \"2026-11-24\",\n"
                "  \"status\": \"SUCCESS\",\n"
                "  \"kafka_group_id\": \"g\",\n"
                "  \"topics\": [\n    \"shop.public.users\"\n  ],\n"
                "  \"files_written\": [\n    \"" +
                folder +
                "/events_00001.parquet\"\n  ],\n"
                "  \"last_offsets\": {\n    \"shop.public.users\": {\n"
                "      \"0\": 2\n    }\n  }\n}\n");
  EXPECT_EQ(bench.text("_SUCCESS"), "");
}

TEST(BronzeRunTest, IsEndedByTheNextProcessWhenItsOwnDied) {
  BronzeWorkbench bench;
  die_in_a_run(bench, fake_records(0, 1));
  EXPECT_TRUE(bench.names("manifest.json").empty());
  bench.store.reopen();
  const auto report = bench.write({FakeBatch{}});
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->ended.size(), 1U);
  EXPECT_EQ(report->ended[0].status, RunStatus::kAborted);
  EXPECT_EQ(bench.store->runs(1).value().at(0).status, RunStatus::kAborted);
  EXPECT_THAT(bench.text("manifest.json"), HasSubstr("\"ABORTED\""));
  EXPECT_TRUE(bench.names("_SUCCESS").empty());
  EXPECT_EQ(bench.records(), fake_records(0, 1));
}

TEST(BronzeRunTest, RollsWhenItIsLong) {
  BronzeWorkbench bench;
  const auto hour = [&] { bench.clock.advance(std::chrono::hours(1)); };
  const auto report = bench.write({FakeBatch{.records = fake_records(0, 1)},
                                   FakeBatch{.records = fake_records(1, 1), .before = hour},
                                   FakeBatch{.records = fake_records(2, 1)}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->ended.size(), 2U);
  EXPECT_EQ(bench.names("_SUCCESS").size(), 2U);
  EXPECT_EQ(bench.records(), fake_records(0, 3));
}

TEST(BronzeRunTest, RollsAtMidnightUtc) {
  BronzeWorkbench bench;
  const auto past_midnight = [&] {
    bench.clock.set_wall_time(bench.clock.now() + std::chrono::hours(12));
  };
  ASSERT_THAT(
      bench.write({FakeBatch{.records = fake_records(0, 1)}, FakeBatch{.before = past_midnight},
                   FakeBatch{.records = fake_records(1, 1)}}),
      IsOk());
  const auto names = bench.names(".parquet");
  ASSERT_EQ(names.size(), 2U);
  EXPECT_THAT(names[0], HasSubstr("ingestion_date=2026-11-24"));
  EXPECT_THAT(names[1], HasSubstr("ingestion_date=2026-11-25"));
}

TEST(BronzeRunTest, RollsWhenItIsLarge) {
  BronzeWorkbench bench;
  const auto report = bench.write(
      {FakeBatch{.records = fake_records(0, 2)}, FakeBatch{.records = fake_records(2, 2)}},
      {.batch_rows_max = 1, .run_bytes_max = 1});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->ended.size(), 2U);
  EXPECT_EQ(bench.records(), fake_records(0, 4));
}

TEST(BronzeRunTest, KeepsTwoLivesOfATopicInTwoFolders) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 2)},
                           FakeBatch{.records = fake_records(0, 2), .incarnation = "recorded:2"}}),
              IsOk());
  EXPECT_EQ(bench.names(".parquet").size(), 2U);
  EXPECT_EQ(bench.names("_SUCCESS").size(), 2U);
  EXPECT_EQ(bench.records().size(), 4U);
}

TEST(BronzeRunTest, SaysWhatIsWrongWithItsSettings) {
  EXPECT_THAT(BronzeConfig{}.validate(), IsOk());
  EXPECT_THAT(
      BronzeConfig{.batch_rows_max = 0}.validate(),
      testing::FailsSaying(ErrorKind::kInvalidConfig, "BATCH_SIZE must be at least 1, not 0"));
}

}  // namespace
}  // namespace cdclake::bronze
