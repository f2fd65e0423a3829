#include "platform/metadata/house_sql/schema_sql.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "platform/metadata/metadata_store.h"
#include "platform/metadata/sqlite/statement.h"
#include "testing/bare_store.h"
#include "testing/manual_clock.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::TempFolder;

const testing::ManualClock kClock;

Result<MetadataStore> open(const std::string& path, Access access = Access::kReadWrite) {
  return MetadataStore::open(path, access, kClock);
}

/// Runs SQL in a file as a program that is not ours would.
void run_sql(const std::string& path, const char* sql) {
  std::ofstream(path, std::ios::app).flush();
  ASSERT_THAT(Database(path, Access::kReadWrite).run(sql), IsOk());
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A store as the program before left it, with one run.
void make_store_of_version_1(const std::string& path) {
  run_sql(path, kTablesOfVersion1);
  run_sql(path, kFirstVersionViews);
  run_sql(path,
          "INSERT INTO run (run_id, job, epoch, started_us, status, ingestion_date, details) "
          "VALUES ('run1', 'bronze_write', 1, 0, 'RUNNING', '2026-01-01', '{}'); "
          "PRAGMA application_id = 0x6364636C; PRAGMA user_version = 1");
}

TEST(SchemaSqlTest, MakesMissingFoldersAndAFileThatOnlyItsOwnerReads) {
  const TempFolder folder;
  const std::string path = folder / "a/b/meta.sqlite";
  const auto store = open(path);
  ASSERT_THAT(store, IsOk());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found{};
    ASSERT_EQ(::stat((path + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST(SchemaSqlTest, CommitsToAWriteAheadLogWithFullSyncs) {
  BareStore store;
  Database database(store.path(), Access::kReadWrite);
  ASSERT_THAT(open_schema(database, Access::kReadWrite), IsOk());
  EXPECT_EQ(find_integer(database, "PRAGMA synchronous").value(), 2);
  EXPECT_EQ(find_integer(database, "PRAGMA foreign_keys").value(), 1);
  Statement mode = BareStore::unwrap(Statement::prepare(database, "PRAGMA journal_mode"));
  ASSERT_TRUE(BareStore::unwrap(mode.next()));
  EXPECT_EQ(mode.text(0), "wal");
}

TEST(SchemaSqlTest, OpensAgainWithWhatItHolds) {
  BareStore store;
  store.begin_run(Role::kBronzeWrite, "run1");
  auto again = store.open();
  EXPECT_EQ(again.runs(10)->size(), 1U);
}

TEST(SchemaSqlTest, FindsAWordThatIsNoneOfOurs) {
  BareStore store;
  store.begin_run(Role::kBronzeWrite, "run1");
  run_sql(store.path(), "PRAGMA ignore_check_constraints = 1; UPDATE run SET status = 'DONE'");
  EXPECT_THAT(store->runs(10), FailsSaying(ErrorKind::kCorrupt, "DONE"));
}

TEST(SchemaSqlTest, BringsAStoreOfAnOlderProgramToThisOneWithAllThatItHolds) {
  const TempFolder folder;
  const std::string path = folder / "meta.sqlite";
  make_store_of_version_1(path);
  EXPECT_THAT(open(path, Access::kReadOnly),
              FailsSaying(ErrorKind::kInvalidConfig, "older cdclake"));
  auto migrated = open(path);
  ASSERT_THAT(migrated, IsOk());
  EXPECT_EQ(migrated->runs(10)->size(), 1U);
  EXPECT_TRUE(migrated->source_ends()->empty());
}

TEST(SchemaSqlTest, KeepsTheStoreOfTheOlderProgramBesideTheMigratedOne) {
  const TempFolder folder;
  const std::string path = folder / "meta.sqlite";
  make_store_of_version_1(path);
  ASSERT_THAT(open(path), IsOk());
  Database kept(path + ".of-version-1", Access::kReadOnly);
  ASSERT_THAT(kept.opened(), IsOk());
  EXPECT_EQ(find_integer(kept, "PRAGMA user_version").value(), 1);
  EXPECT_EQ(find_integer(kept, "SELECT count(*) FROM run").value(), 1);
}

TEST(SchemaSqlTest, RefusesAStoreOfTheFirstVersionAndLeavesItAlone) {
  const TempFolder folder;
  const std::string path = folder / "pipeline_meta.sqlite";
  run_sql(path,
          "CREATE TABLE pipeline_runs (run_id TEXT PRIMARY KEY, start_time TEXT NOT NULL, "
          "end_time TEXT, status TEXT NOT NULL, details TEXT)");
  const std::string before = bytes_of(path);
  EXPECT_THAT(open(path), FailsSaying(ErrorKind::kInvalidConfig, "set a new METADATA_DB"));
  EXPECT_THAT(open(path, Access::kReadOnly),
              FailsSaying(ErrorKind::kInvalidConfig, "first version"));
  EXPECT_EQ(bytes_of(path), before);
}

TEST(SchemaSqlTest, RefusesAnotherProgramsDatabase) {
  const TempFolder folder;
  run_sql(folder / "x.sqlite", "CREATE TABLE theirs (x)");
  EXPECT_THAT(open(folder / "x.sqlite"), FailsSaying(ErrorKind::kInvalidConfig, "another program"));
}

TEST(SchemaSqlTest, RefusesAStoreOfANewerProgramByName) {
  BareStore store;
  run_sql(store.path(), "PRAGMA user_version = 99");
  EXPECT_THAT(open(store.path()), FailsSaying(ErrorKind::kInvalidConfig, "version=99"));
  EXPECT_THAT(open(store.path(), Access::kReadOnly),
              FailsSaying(ErrorKind::kInvalidConfig, "version=99"));
}

TEST(SchemaSqlTest, RefusesAFileThatIsNoDatabase) {
  const TempFolder folder;
  std::ofstream(folder / "x.sqlite") << std::string(8192, 'x');
  EXPECT_THAT(open(folder / "x.sqlite"), FailsWith(ErrorKind::kCorrupt));
}

TEST(SchemaSqlTest, ReadsWithoutCreatingAnything) {
  const TempFolder folder;
  EXPECT_THAT(open(folder / "a/meta.sqlite", Access::kReadOnly),
              FailsSaying(ErrorKind::kUnavailable, "nothing was written so far"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));

  BareStore store;
  store.begin_run(Role::kBronzeWrite, "run1");
  auto reader = store.open(Access::kReadOnly);
  EXPECT_EQ(reader.runs(10)->size(), 1U);
  EXPECT_FALSE(reader.take_lease(Role::kUpkeep, "x:1", 0).has_value());
}

}  // namespace
}  // namespace cdclake::metadata
