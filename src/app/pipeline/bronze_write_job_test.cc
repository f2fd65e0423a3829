#include "app/pipeline/bronze_write_job.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::pipeline {
namespace {

using testing::IsOk;

TEST(BronzeWriteJobTest, IsIdleAtTheEndOfItsInputOnly) {
  const testing::TempFolder folder;
  const SystemClock clock;
  config::Config config;
  config.lake = {.bronze_base = folder / "bronze",
                 .silver_base = folder / "silver",
                 .metadata_db = folder / "metadata.sqlite"};
  config.source = config::RecordedConfig{{std::string(std::getenv("CDCLAKE_SOURCE_DIR")) +
                                          "/examples/recorded/users_and_orders.jsonl"},
                                         "1"};
  config.bronze = {.batch_rows_max = 100'000,
                   .flush_after = std::chrono::seconds(60),
                   .run_time_max = std::chrono::hours(1),
                   .run_bytes_max = 1 << 30};
  const auto fs = lake::open_posix_lake({config.lake.bronze_base, config.lake.silver_base});
  ASSERT_THAT(fs, IsOk());
  const auto leases = LeaseKeeper::take(config.lake.metadata_db, {metadata::Role::kBronzeWrite},
                                        clock, [](const Error&) {});
  ASSERT_THAT(leases, IsOk());
  const MemoryPlan plan = plan_memory(std::int64_t{1} << 30, {});
  memory::SpareMemory spare(plan.spare_bytes);
  const Workplace place{.config = config,
                        .fs = **fs,
                        .leases = *leases,
                        .memory_plan = plan,
                        .spare_memory = spare,
                        .clock = clock};
  BronzeWriteJob job(place, Mode::kOnce);
  ASSERT_THAT(job.open(), IsOk());

  for (bool at_end = false; !at_end;) {
    const auto round = job.round({});
    ASSERT_THAT(round, IsOk());
    at_end = round->at_end;
    EXPECT_EQ(round->did_work, !at_end);  // Nothing is committed before `finish`.
  }
  EXPECT_THAT(job.finish(), IsOk());
}

}  // namespace
}  // namespace cdclake::pipeline
