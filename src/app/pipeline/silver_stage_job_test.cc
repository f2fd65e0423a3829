#include "app/pipeline/silver_stage_job.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/pipeline/run_jobs.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

/// The machine's clock, which a test sets forward while other threads read it.
class SkippingClock final : public Clock {
 public:
  WallTime now() const override { return real_.now() + skipped(); }
  MonotonicTime monotonic() const override { return real_.monotonic() + skipped(); }
  void skip(std::chrono::seconds time) { skipped_ += time.count(); }

 private:
  std::chrono::seconds skipped() const { return std::chrono::seconds(skipped_.load()); }

  SystemClock real_;
  std::atomic<std::int64_t> skipped_ = 0;
};

/// A lake whose Bronze holds changes without schema blocks, and a catalog that does not know them.
struct Lake {
  Lake() {
    const auto source_dir = std::filesystem::path(std::getenv("CDCLAKE_SOURCE_DIR"));
    known_catalog = source_dir / "tests/corpus/a_seed/catalog.json";
    config.lake.bronze_base = folder / "bronze";
    config.lake.silver_base = folder / "silver";
    config.lake.metadata_db = folder / "metadata.sqlite";
    config.log.base_path = folder / "logs";
    config.types.catalog_file = folder / "catalog.json";
    config.source =
        config::RecordedConfig{{source_dir / "tests/corpus/a_seed/plain/events.jsonl.zst"}, "1"};
    config.bronze.batch_rows_max = 100'000;
    config.bronze.flush_after = std::chrono::seconds(1);
    config.bronze.run_time_max = std::chrono::hours(1);
    config.bronze.run_bytes_max = 1 << 30;
    const logging::Log log(config.log, clock);
    EXPECT_THAT(run_jobs(config, {.jobs = {Job::kBronzeWrite}, .mode = Mode::kOnce}, {},
                         {.log = &log, .progress = {}}, clock),
                IsOk());
    save_catalog("[]");
  }
  void save_catalog(const std::string& text) const {
    std::ofstream(config.types.catalog_file, std::ios::trunc) << text;
  }

  testing::TempFolder folder;
  SkippingClock clock;
  config::Config config;
  std::filesystem::path known_catalog;
};

TEST(SilverStageJobTest, KeepsItsTypesWhileTheCatalogIsHalfSavedAndTakesItWhenItIsWhole) {
  Lake lake;
  const auto fs =
      lake::open_posix_lake({lake.config.lake.bronze_base, lake.config.lake.silver_base});
  ASSERT_THAT(fs, IsOk());
  const auto leases =
      LeaseKeeper::take(lake.config.lake.metadata_db, {metadata::Role::kSilverStage}, lake.clock,
                        [](const Error&) {});
  ASSERT_THAT(leases, IsOk());
  const MemoryPlan plan = plan_memory(std::int64_t{1} << 30, {});
  memory::SpareMemory spare(plan.spare_bytes);
  const Workplace place{.config = lake.config,
                        .fs = **fs,
                        .leases = *leases,
                        .memory_plan = plan,
                        .spare_memory = spare,
                        .clock = lake.clock};
  SilverStageJob job(place, Mode::kKeepGoing, {}, [](const std::string&) {});
  ASSERT_THAT(job.open(), IsOk());
  const auto waiting = job.round({});
  ASSERT_THAT(waiting, IsOk());
  EXPECT_THAT(waiting->warnings, Contains(HasSubstr("1 partition waits, at")));

  lake.save_catalog("[{\"schema\":");
  lake.clock.skip(std::chrono::seconds(31));
  const auto half = job.round({});
  ASSERT_THAT(half, IsOk());
  EXPECT_THAT(half->warnings, Contains(HasSubstr("CDCLAKE_CATALOG")));

  std::filesystem::copy_file(lake.known_catalog, lake.config.types.catalog_file,
                             std::filesystem::copy_options::overwrite_existing);
  lake.clock.skip(std::chrono::seconds(31));
  const auto whole = job.round({});
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->did_work);
  EXPECT_THAT(whole->warnings, IsEmpty());
  EXPECT_EQ(whole->run, waiting->run) << "the run goes on";
}

}  // namespace
}  // namespace cdclake::pipeline
