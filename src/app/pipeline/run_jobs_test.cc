#include "app/pipeline/run_jobs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>

#include "app/pipeline/lake_status.h"
#include "app/pipeline/stage_loops/lease_keeper.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::pipeline {
namespace {

using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;

const std::vector<Job> kAllJobs = {Job::kBronzeWrite, Job::kBronzeCompact, Job::kSilverStage,
                                   Job::kSilverMerge};

std::string source_file(const std::string& path) {
  return std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/" + path;
}

config::Config example_config(const testing::TempFolder& folder) {
  config::Config config;
  config.lake.bronze_base = folder / "bronze";
  config.lake.silver_base = folder / "silver";
  config.lake.metadata_db = folder / "metadata/pipeline_meta.sqlite";
  config.log.base_path = folder / "logs";
  config.source = config::RecordedConfig{
      .files = {source_file("examples/recorded/users_and_orders.jsonl")}, .incarnation = "1"};
  config.bronze.batch_rows_max = 10;
  config.bronze.flush_after = std::chrono::seconds(1);
  config.bronze.run_time_max = std::chrono::hours(1);
  config.bronze.run_bytes_max = 1 << 30;
  return config;
}

/// An empty SQLite file of one page whose header names another program.
void write_store_of_another_program(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::string page(4096, '\0');
  page.replace(0, 16, std::string_view("SQLite format 3\0", 16));
  page.replace(16, 8, std::string_view("\x10\0\x01\x01\0\x40\x20\x20", 8));
  page[31] = 1;    // Pages.
  page[47] = 4;    // Format of the schema.
  page[59] = 1;    // UTF-8.
  page[71] = 7;    // The application.
  page[100] = 13;  // An empty table of tables.
  page.replace(105, 2, std::string_view("\x10\0", 2));
  std::ofstream(path, std::ios::binary) << page;
}

/// A lake of its own, and the recorded example as input.
struct Lake {
  testing::TempFolder folder;
  SystemClock clock;
  config::Config config = example_config(folder);
  logging::Log log{config.log, clock};

  Status run(const Assignment& assignment, const std::stop_token& stop = {}) {
    return run_jobs(config, assignment, stop, {.log = &log, .progress = {}}, clock);
  }

  Result<LakeStatus> find_status() const {
    CDCLAKE_ASSIGN_OR_RETURN(auto store, open_store_to_read(config.lake, clock));
    return read_lake_status(store, 100);
  }

  LakeStatus status() const {
    auto found = find_status();
    EXPECT_THAT(found, IsOk());
    return found ? std::move(found).value() : LakeStatus{};
  }

  /// Current rows by table that has a version.
  std::map<std::string, std::int64_t> current_rows() const {
    std::map<std::string, std::int64_t> rows;
    const auto found = find_status();
    if (!found) return rows;
    for (const TableStatus& table : found->tables) {
      if (table.version) rows[table.table.id.display()] = table.current_rows();
    }
    return rows;
  }
};

const std::map<std::string, std::int64_t> kRowsOfTheExample = {{"public.orders", 8},
                                                               {"public.users", 6}};

TEST(RunJobsTest, TakesARecordingToExactTablesInOnePass) {
  Lake lake;
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  EXPECT_EQ(lake.current_rows(), kRowsOfTheExample);
  const LakeStatus status = lake.status();
  EXPECT_TRUE(status.is_complete());
  EXPECT_TRUE(complaints(status).empty());
  std::int64_t records = 0;
  for (const PartitionStatus& partition : status.partitions) {
    records += partition.counts.bronze_records;
    EXPECT_EQ(partition.bronze_next, partition.stage_next);
    EXPECT_EQ(partition.counts.rows, partition.counts.bronze_records);
  }
  EXPECT_EQ(records, 29);
  for (const metadata::Run& run : status.runs) EXPECT_EQ(run.status, metadata::RunStatus::kSuccess);
}

TEST(RunJobsTest, ChangesNothingInASecondPass) {
  Lake lake;
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  const LakeStatus before = lake.status();
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  const LakeStatus after = lake.status();
  ASSERT_EQ(before.tables.size(), after.tables.size());
  for (std::size_t i = 0; i < before.tables.size(); ++i) {
    EXPECT_EQ(before.tables[i].version->version, after.tables[i].version->version);
  }
}

TEST(RunJobsTest, GivesTheSameWhetherStagesRunTogetherOrAlone) {
  Lake lake;
  for (const Job job : kAllJobs) {
    ASSERT_THAT(lake.run({.jobs = {job}, .mode = Mode::kOnce}), IsOk()) << to_string(job);
  }
  EXPECT_EQ(lake.current_rows(), kRowsOfTheExample);
}

TEST(RunJobsTest, KeepsGoingUntilItIsStoppedAndHasThenCommittedEverything) {
  Lake lake;
  std::stop_source stop;
  auto running = std::async(std::launch::async, [&] {
    return lake.run({.jobs = kAllJobs, .mode = Mode::kKeepGoing}, stop.get_token());
  });
  for (int i = 0; i < 3000; ++i) {
    if (lake.current_rows() == kRowsOfTheExample) break;
    wait_for(std::chrono::milliseconds(20), stop.get_token());
  }
  stop.request_stop();
  EXPECT_THAT(running.get(), IsOk());
  EXPECT_EQ(lake.current_rows(), kRowsOfTheExample);
  for (const metadata::Run& run : lake.status().runs) {
    EXPECT_EQ(run.status, metadata::RunStatus::kSuccess) << run.job;
  }
}

TEST(RunJobsTest, CommitsWhatWasReadWhenItIsStoppedAtOnce) {
  Lake lake;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kKeepGoing}, stop.get_token()), IsOk());
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  EXPECT_EQ(lake.current_rows(), kRowsOfTheExample);
}

TEST(RunJobsTest, RefusesARoleThatAnotherProcessHolds) {
  Lake lake;
  ASSERT_THAT(lake.run({.jobs = {Job::kSilverMerge}, .mode = Mode::kOnce}), IsOk());
  const auto holder =
      LeaseKeeper::take(lake.config.lake.metadata_db, {metadata::Role::kSilverMerge}, lake.clock,
                        [](const Error&) {});
  ASSERT_THAT(holder, IsOk());
  EXPECT_THAT(lake.run({.jobs = {Job::kSilverMerge}, .mode = Mode::kOnce}),
              FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(lake.run({.jobs = {Job::kSilverStage}, .mode = Mode::kOnce}), IsOk());
}

TEST(RunJobsTest, StopsEveryStageWhereOneFailsForGood) {
  Lake lake;
  std::ofstream(lake.folder / "damaged.jsonl.gz") << "no gzip";
  lake.config.source = config::RecordedConfig{{lake.folder / "damaged.jsonl.gz"}, "1"};
  EXPECT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kKeepGoing}),
              FailsSaying(ErrorKind::kInvalidConfig, "damaged.jsonl.gz"));
}

TEST(RunJobsTest, MakesNothingWhereItRefusesToStart) {
  Lake lake;
  const auto refuses = [&lake](std::string_view reason) {
    EXPECT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}),
                FailsSaying(ErrorKind::kInvalidConfig, std::string(reason)));
    EXPECT_FALSE(std::filesystem::exists(lake.config.lake.bronze_base));
    EXPECT_FALSE(std::filesystem::exists(lake.config.lake.silver_base));
  };
  write_store_of_another_program(lake.config.lake.metadata_db);
  refuses("another program");
  std::filesystem::remove_all(lake.folder / "metadata");
  lake.config.types.catalog_file = lake.folder / "missing.json";
  refuses("CDCLAKE_CATALOG");
  lake.config.source = config::RecordedConfig{{lake.folder / "missing.jsonl"}, "1"};
  refuses("missing.jsonl");
  EXPECT_FALSE(std::filesystem::exists(lake.folder / "metadata"));
}

TEST(RunJobsTest, SaysWhatKeepsATableFromBeingTyped) {
  Lake lake;
  lake.config.source =
      config::RecordedConfig{{source_file("tests/corpus/a_seed/plain/events.jsonl.zst")}, "1"};
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  EXPECT_FALSE(lake.status().is_complete());
  EXPECT_FALSE(complaints(lake.status()).empty());
  lake.config.types.catalog_file = source_file("tests/corpus/a_seed/catalog.json");
  ASSERT_THAT(lake.run({.jobs = kAllJobs, .mode = Mode::kOnce}), IsOk());
  EXPECT_TRUE(lake.status().is_complete()) << complaints(lake.status()).front();
  EXPECT_EQ(lake.current_rows(), kRowsOfTheExample);
}

}  // namespace
}  // namespace cdclake::pipeline
