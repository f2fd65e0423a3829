#include <gmock/gmock.h>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/matchers.h"

/// What a crash, or compaction under the stage's feet, leaves: every record once.
namespace cdclake::silver_stage {
namespace {

using testing::IsOk;

TEST(RestartTest, GoesOnInTheMiddleOfAFileThatWasCompactedMeanwhile) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.use_limits({.records_max = 4});
  bench.land_two_parts(mixed_records(0, 6), mixed_records(6, 6));
  std::stop_source stop;
  bench.on_progress([&](const StageProgress&) { stop.request_stop(); });
  bench.stage(stop.get_token());
  bench.on_progress({});
  const auto positions = bench.store().stage_positions();
  ASSERT_THAT(positions, IsOk());
  EXPECT_GT(positions->front().next_offset, 0);
  EXPECT_LT(positions->front().next_offset, 12);
  bench.compact("shop.public.users");
  bench.stage();
  bench.expect_mixed_records_once(12);
}

TEST(RestartTest, FindsAFileAgainThatCompactionMovedUnderItsFeet) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.use_limits({.records_max = 4});
  bench.land_two_parts(mixed_records(0, 6), mixed_records(6, 6));
  bool compacted = false;
  bench.on_progress([&](const StageProgress&) {
    if (!std::exchange(compacted, true)) bench.compact("shop.public.users");
  });
  EXPECT_EQ(bench.stage().counts.records(), 12);
  bench.expect_mixed_records_once(12);
}

TEST(RestartTest, TakesUpTheWorkAfterAnError) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land(mixed_records(0, 12));
  const auto stage = bench.open_stage();
  const std::string silver = bench.lake().fs().absolute({lake::Root::kSilver, "stage_events"});
  std::FILE* in_the_way = std::fopen(silver.c_str(), "w");  // A file where a folder must be.
  ASSERT_NE(in_the_way, nullptr);
  std::fclose(in_the_way);
  EXPECT_FALSE(stage->run_once({}));
  std::remove(silver.c_str());
  EXPECT_THAT(bench.publisher(metadata::Role::kSilverStage).recover(), IsOk());
  EXPECT_THAT(stage->run_once({}), IsOk());
  bench.expect_mixed_records_once(12);
}

}  // namespace
}  // namespace cdclake::silver_stage
