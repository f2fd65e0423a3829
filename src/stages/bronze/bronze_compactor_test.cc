#include "stages/bronze/bronze_compactor.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "formats/parquet/parquet_reader.h"
#include "stages/bronze/bronze_workbench.h"
#include "testing/matchers.h"

namespace cdclake::bronze {
namespace {

using testing::FailsWith;
using testing::fake_records;
using testing::FakeBatch;
using testing::FakeRecord;
using ::testing::HasSubstr;
using testing::IsOk;

/// A run of three parts with two partitions, and nulls, headers and holes.
std::vector<FakeRecord> write_run(BronzeWorkbench& bench) {
  std::vector<FakeRecord> records = fake_records(0, 20);
  records[3].value = std::nullopt;
  records[4].headers = {{"a", std::nullopt}, {"a", ""}};
  records[19].offset = 30;
  for (const FakeRecord& record : fake_records(7, 5, {.partition = 1})) records.push_back(record);
  EXPECT_THAT(bench.write({FakeBatch{.records = records}}, {.batch_rows_max = 10}), IsOk());
  return records;
}

TEST(BronzeCompactorTest, JoinsThePartsOfAnEndedRun) {
  BronzeWorkbench bench;
  const auto records = write_run(bench);
  ASSERT_EQ(bench.names(".parquet").size(), 3U);
  const auto report = bench.compact();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->folders, 1);
  EXPECT_EQ(report->parts, 3);
  EXPECT_EQ(report->records, 25);
  ASSERT_EQ(bench.names(".parquet").size(), 1U);
  EXPECT_THAT(bench.names(".parquet")[0], HasSubstr("/events_compacted.parquet"));
  EXPECT_EQ(bench.records(), records);
}

TEST(BronzeCompactorTest, KeepsManifestAndMarkers) {
  BronzeWorkbench bench;
  write_run(bench);
  ASSERT_THAT(bench.compact(), IsOk());
  EXPECT_THAT(bench.text("manifest.json"), HasSubstr("events_compacted.parquet"));
  EXPECT_THAT(bench.text("manifest.json"), HasSubstr("\"SUCCESS\""));
  EXPECT_EQ(bench.text("_SUCCESS"), "");
  EXPECT_EQ(bench.text("_COMPACTED").size(), 33U);
}

TEST(BronzeCompactorTest, SaysInTheFooterWhatTheFileReplaces) {
  BronzeWorkbench bench;
  write_run(bench);
  const model::PartitionId users{"shop.public.users", "recorded:1", 0};
  const auto part = bench.store->bronze_files(users, {0, 1}).value().at(0).id;
  ASSERT_THAT(bench.compact(), IsOk());
  const auto path = bench.store->bronze_files(users, {0, 1}).value().at(0).path;
  const auto footer = parquet::ParquetReader::open(bench.lake.fs(), path)->footer();
  EXPECT_THAT(footer.at("cdclake.replaces"), HasSubstr(part.value));
  EXPECT_THAT(footer.at("cdclake.segments"), HasSubstr("\"records\":5"));
}

TEST(BronzeCompactorTest, DoesNothingTwice) {
  BronzeWorkbench bench;
  write_run(bench);
  ASSERT_THAT(bench.compact(), IsOk());
  const auto names = bench.names("");
  const auto report = bench.compact();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->folders, 0);
  EXPECT_EQ(bench.names(""), names);
}

TEST(BronzeCompactorTest, CompactsARunThatDied) {
  BronzeWorkbench bench;
  testing::FakeSource source({FakeBatch{.records = fake_records(0, 5)}});
  {
    const auto& lease = bench.store.lease(metadata::Role::kBronzeWrite);
    commit::Publisher publisher(bench.lake.fs(), *bench.store, lease);
    BronzeStage stage({.batch_rows_max = 5},
                      {bench.lake.fs(), *bench.store, publisher, lease, bench.clock}, source);
    ASSERT_THAT(stage.open(), IsOk());
    ASSERT_THAT(stage.run_round({}), IsOk());
  }
  EXPECT_EQ(bench.compact()->folders, 0);  // It may still be alive.
  bench.store.reopen();
  ASSERT_THAT(bench.write({FakeBatch{}}), IsOk());
  EXPECT_EQ(bench.compact()->folders, 1);
  EXPECT_EQ(bench.records(), fake_records(0, 5));
  EXPECT_THAT(bench.text("manifest.json"), HasSubstr("\"ABORTED\""));
}

/// A lake that asks for a stop with the n-th file that is opened.
class StoppingLake final : public lake::LakeFs {
 public:
  StoppingLake(lake::LakeFs& real, int opens) : real_(real), opens_left_(opens) {}

  std::stop_token token() const { return stop_.get_token(); }
  Result<std::unique_ptr<lake::FileReader>> open(const lake::LakePath& path) override {
    if (--opens_left_ == 0) stop_.request_stop();
    return real_.open(path);
  }
  Status make_folders(const lake::LakePath& path) override { return real_.make_folders(path); }
  Result<std::unique_ptr<lake::FileWriter>> create(const lake::LakePath& path) override {
    return real_.create(path);
  }
  Status rename(const lake::LakePath& a, const lake::LakePath& b) override {
    return real_.rename(a, b);
  }
  Status exchange(const lake::LakePath& a, const lake::LakePath& b) override {
    return real_.exchange(a, b);
  }
  Status link(const lake::LakePath& a, const lake::LakePath& b) override {
    return real_.link(a, b);
  }
  Status remove_file(const lake::LakePath& path) override { return real_.remove_file(path); }
  Status remove_tree(const lake::LakePath& path) override { return real_.remove_tree(path); }
  Status sync_folder(const lake::LakePath& path) override { return real_.sync_folder(path); }
  Result<lake::Entry> stat(const lake::LakePath& path) override { return real_.stat(path); }
  Result<std::vector<lake::Entry>> list(const lake::LakePath& path) override {
    return real_.list(path);
  }
  std::string absolute(const lake::LakePath& path) const override { return real_.absolute(path); }

 private:
  lake::LakeFs& real_;
  int opens_left_;
  std::stop_source stop_;
};

TEST(BronzeCompactorTest, StopsInTheMiddleOfAFolderAndLeavesItAsItWas) {
  BronzeWorkbench bench;
  const auto records = write_run(bench);
  const auto names = bench.names("");
  const auto& lease = bench.store.lease(metadata::Role::kBronzeCompact);
  for (const int opens : {1, 3, 5}) {  // Three parts, the file's bytes, its records.
    StoppingLake lake(bench.lake.fs(), opens);
    commit::Publisher publisher(lake, *bench.store, lease);
    BronzeCompactor compactor({lake, *bench.store, publisher, lease, bench.clock});
    const auto report = compactor.run_once(lake.token());
    ASSERT_THAT(report, IsOk());
    EXPECT_TRUE(lake.token().stop_requested());
    EXPECT_EQ(report->folders, 0) << opens;
    EXPECT_EQ(bench.names(""), names) << opens;
  }
  ASSERT_THAT(bench.compact(), IsOk());
  EXPECT_EQ(bench.records(), records);
}

TEST(BronzeCompactorTest, StopsBetweenFolders) {
  BronzeWorkbench bench;
  write_run(bench);
  const auto& lease = bench.store.lease(metadata::Role::kBronzeCompact);
  commit::Publisher publisher(bench.lake.fs(), *bench.store, lease);
  BronzeCompactor compactor({bench.lake.fs(), *bench.store, publisher, lease, bench.clock});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(compactor.run_once(stop.get_token())->folders, 0);
}

TEST(BronzeCompactorTest, StopsWhereAPartIsLost) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 3)}}), IsOk());
  const std::filesystem::path root = bench.lake.folder() / "bronze/cdc";
  ASSERT_TRUE(std::filesystem::remove(root / bench.names(".parquet").front()));
  EXPECT_THAT(bench.compact(), FailsWith(ErrorKind::kCorrupt));
}

TEST(BronzeCompactorTest, ChangesNothingWhenAPartIsNotWhatTheStoreSays) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 3)}}), IsOk());
  ASSERT_THAT(
      bench.write({FakeBatch{.records = fake_records(0, 3, {.topic = "a.b", .value = "x"})}}),
      IsOk());
  const auto names = bench.names(".parquet");
  ASSERT_EQ(names.size(), 2U);
  const std::filesystem::path root = bench.lake.folder() / "bronze/cdc";
  std::filesystem::permissions(root / names[1], std::filesystem::perms::owner_all);
  std::filesystem::copy_file(root / names[0], root / names[1],
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(bench.compact(), FailsWith(ErrorKind::kCorrupt));
  EXPECT_THAT(bench.names(".parquet"), ::testing::Contains(names[1]));
}

}  // namespace
}  // namespace cdclake::bronze
