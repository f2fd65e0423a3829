#include <gtest/gtest.h>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/child_process.h"

/// What a stage leaves that is killed between two steps. A program of its own: the test's process
/// must not reach a failpoint itself.
namespace cdclake::silver_stage {
namespace {

using testing::Ending;
using testing::run_in_child;

class KilledStageTest : public ::testing::TestWithParam<std::string> {};

TEST_P(KilledStageTest, LosesAndDoublesNothing) {
  testing::TempLake lake;
  const auto land = [&] {
    StageWorkbench(lake).land(mixed_records(0, 12));
    return true;
  };
  const auto stage = [&] {
    StageWorkbench bench(lake);
    bench.use_types(kUsersCatalog);
    bench.use_limits({.records_max = 4});
    return bench.publisher(metadata::Role::kSilverStage).recover() && bench.try_stage();
  };
  ASSERT_EQ(run_in_child("", land), Ending::kReturned);
  ASSERT_EQ(run_in_child(GetParam(), stage), Ending::kKilled);
  ASSERT_EQ(run_in_child("", stage), Ending::kReturned);
  StageWorkbench(lake).expect_mixed_records_once(12);
}

TEST(KilledFirstStageTest, BindsNoTableToTheSettingsItHad) {
  testing::TempLake lake;
  const auto land = [&](const std::string& topic) {
    return run_in_child("", [&] {
      StageWorkbench(lake).land({{.topic = topic, .value = json_of({})}});
      return true;
    });
  };
  const auto stage = [&](const std::string& failpoint, const std::string& settings) {
    return run_in_child(failpoint, [&] {
      StageWorkbench bench(lake);
      bench.use_types(kUsersCatalog, settings);
      const auto report = bench.try_stage();
      return report && report->waits.empty();
    });
  };
  ASSERT_EQ(land("shop.public.users"), Ending::kReturned);
  ASSERT_EQ(stage("silver_stage.sealed", R"({"time.precision.mode":"microseconds"})"),
            Ending::kKilled);
  for (const std::string topic : {"shop.public.a", "shop.public.b"}) {
    ASSERT_EQ(land(topic), Ending::kReturned);
    EXPECT_EQ(stage("", "{}"), Ending::kReturned) << topic;
  }
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KilledStageTest,
                         ::testing::Values("silver_stage.sealed", "silver_stage.sealed:2",
                                           "commit.before_seal", "commit.after_seal:2",
                                           "commit.before_record", "commit.after_record",
                                           "commit.after_record:2", "commit.after_rename",
                                           "commit.after_rename:2", "commit.before_published",
                                           "commit.after_published"));

}  // namespace
}  // namespace cdclake::silver_stage
