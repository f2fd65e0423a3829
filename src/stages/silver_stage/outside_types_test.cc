#include <gmock/gmock.h>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/matchers.h"

/// Tables whose types come from the source catalog and the connector's settings, when those are not
/// given again as they were.
namespace cdclake::silver_stage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kOtherTimes = R"({"time.precision.mode":"microseconds"})";

testing::FakeRecord change(std::int64_t offset) { return {.offset = offset, .value = json_of({})}; }

TEST(OutsideTypesTest, WaitsWhereTheCatalogIsNotGivenAgainAndGoesOnWithIt) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({change(0)});
  bench.stage();
  bench.use_types("[]");
  bench.land({change(1), {.topic = "shop.public.plain", .value = "not JSON"}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.quarantined, (Counts{{"JSON_PARSE", 1}})) << "other partitions go on";
  ASSERT_EQ(report.waits.size(), 1U);
  EXPECT_EQ(report.waits.front().offset, 1);
  EXPECT_EQ(report.waits.front().table.table, "users");
  EXPECT_THAT(report.waits.front().need, AllOf(HasSubstr("again"), HasSubstr("--catalog")));
  EXPECT_THAT(report.refused, IsEmpty()) << "what is staged of it can be merged";

  bench.use_types(kUsersCatalog);
  const StageReport mended = bench.stage();
  EXPECT_EQ(mended.counts.rows, 1);
  EXPECT_THAT(mended.waits, IsEmpty());
  bench.expect_all_counted();
}

TEST(OutsideTypesTest, KeepsWaitingInAStageThatKeepsGoing) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({change(0)});
  bench.stage();
  bench.use_types("[]");
  bench.land({change(1)});
  const auto stage = bench.open_stage();
  for (int round = 0; round < 3; ++round) {
    const auto report = stage->run_once({});
    ASSERT_THAT(report, testing::IsOk());
    EXPECT_EQ(report->waits.size(), 1U);
    EXPECT_EQ(report->committed, round == 0);
  }
}

TEST(OutsideTypesTest, WaitsWhereAConnectorSettingIsAnother) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({change(0)});
  bench.stage();
  bench.use_types(kUsersCatalog, kOtherTimes);
  bench.land({change(1)});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 0);
  ASSERT_EQ(report.waits.size(), 1U);
  EXPECT_THAT(report.waits.front().need,
              AllOf(HasSubstr("time.precision.mode was adaptive and is microseconds"),
                    HasSubstr("--connector-config")));
  bench.use_types(kUsersCatalog);
  EXPECT_EQ(bench.stage().counts.rows, 1);
}

TEST(OutsideTypesTest, JudgesNoRecordOfATableUnderAnotherSetting) {
  for (const testing::FakeRecord& record :
       {testing::FakeRecord{.offset = 1, .value = json_of({.after = R"({"id":"a","name":"a"})"})},
        testing::FakeRecord{.offset = 1, .value = std::nullopt}}) {
    StageWorkbench bench;
    bench.use_types(kUsersCatalog);
    bench.land({change(0)});
    bench.stage();
    bench.use_types(kUsersCatalog, kOtherTimes);
    bench.land({record});
    const StageReport report = bench.stage();
    EXPECT_EQ(report.waits.size(), 1U);
    EXPECT_EQ(report.counts.records(), 0);
  }
}

TEST(OutsideTypesTest, MindsNoSettingThatDecidesNothing) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({change(0)});
  bench.stage();
  bench.use_types(kUsersCatalog, R"({"signal.data.collection":"public.signals"})");
  bench.land({change(1)});
  EXPECT_EQ(bench.stage().counts.rows, 1);
}

TEST(OutsideTypesTest, MindsNothingWhereTheMessagesSayTheirTypes) {
  StageWorkbench bench;
  bench.use_types("[]");
  bench.use_limits({.records_max = 1});
  std::stop_source stop;
  bench.on_progress([&](const StageProgress&) { stop.request_stop(); });
  bench.land_recording("a_seed/schema/events.jsonl.zst");
  bench.stage(stop.get_token());
  bench.use_types("[]", kOtherTimes);
  bench.on_progress({});
  EXPECT_THAT(bench.stage().waits, IsEmpty());
  EXPECT_THAT(bench.table("users")->outside_settings, IsEmpty());
}

}  // namespace
}  // namespace cdclake::silver_stage
