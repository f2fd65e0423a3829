#include <gtest/gtest.h>

#include <limits>

#include "platform/metadata/silver_sql/stage_workbench.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsWith;
using testing::IsOk;
using testing::prepared;

constexpr std::int64_t kAnySize = std::numeric_limits<std::int64_t>::max();
const lake::LakePath kFolder{lake::Root::kSilver, "stage_events/table=public.users"};
const auto kNothing = [] { return Status(); };

/// Two published stage files of three and two rows, by two commits.
struct TwoFiles : StagedStore {
  TwoFiles() {
    BareStore::check(stage(stage_of("a", 0, 3)));
    BareStore::check(stage(stage_of("b", 3, 5)));
    BareStore::check(store->publish(store.lease(Role::kSilverStage),
                                    {{FileId("a"), FileId("b")}, {}}, kNothing));
    upkeep_run = store.begin_run(Role::kUpkeep, "upkeep");
  }

  void merge_up_to(std::int64_t next) {
    MergeCommit merge;
    merge.run = store.begin_run(Role::kSilverMerge, "merge" + std::to_string(next));
    merge.tables.emplace_back();
    merge.tables[0].table = table;
    merge.tables[0].moves = {{kUsersTopic, merged, next}};
    BareStore::check(store->commit(store.lease(Role::kSilverMerge), merge));
    merged = next;
  }

  StageDay day() {
    const auto days = BareStore::unwrap(store->upkeep().days_of_small_files(kAnySize));
    return BareStore::unwrap(store->upkeep().stage_day(days.at(0)));
  }

  UpkeepCommit rewrite(std::int64_t rows) {
    UpkeepCommit commit;
    commit.run = upkeep_run;
    commit.rewritten = StageFile{
        prepared("both", FileKind::kStage, kFolder, rows), table, schema->id, "2026-01-01", {}};
    commit.superseded = {FileId("a"), FileId("b")};
    commit.view = view();
    commit.view.links = {{"both.parquet", FileId("both")}};
    return commit;
  }
  UpkeepCommit expiry(const std::string& id) {
    UpkeepCommit commit;
    commit.run = upkeep_run;
    commit.expired = {FileId(id)};
    commit.view = view();
    return commit;
  }
  Status keep_up(const UpkeepCommit& commit) {
    return store->commit(store.lease(Role::kUpkeep), commit);
  }

  RunId upkeep_run;
  std::int64_t merged = 0;

 private:
  static FolderView view() {
    FolderView view;
    view.folder = kFolder;
    view.version = "v";
    view.leaving = {"a.parquet"};
    return view;
  }
};

TEST(UpkeepSqlTest, ShowsTheFilesOfADayInOrderAndWhichOfThemAreMerged) {
  TwoFiles it;
  it.merge_up_to(3);
  const StageDay day = it.day();
  EXPECT_EQ(day.table.key, it.table);
  EXPECT_EQ(day.event_date, "2026-01-01");
  ASSERT_EQ(day.files.size(), 2U);
  EXPECT_EQ(day.files[0].file.id, FileId("a"));
  EXPECT_TRUE(day.files[0].is_merged);
  EXPECT_FALSE(day.files[1].is_merged);
  EXPECT_TRUE(it.store->upkeep().days_of_small_files(1)->empty());
}

TEST(UpkeepSqlTest, PutsFilesTogetherAndKeepsWhichCommitsMadeTheirRows) {
  TwoFiles it;
  it.merge_up_to(5);
  ASSERT_THAT(it.keep_up(it.rewrite(5)), IsOk());
  EXPECT_TRUE(it.store->upkeep().days_of_small_files(kAnySize)->empty());
  EXPECT_TRUE(it.store->unmerged_stage_files(it.table)->empty());
  const Accounts accounts = BareStore::unwrap(it.store->accounts());
  EXPECT_TRUE(accounts.broken.empty());
  for (const BatchAccount& batch : accounts.batches) EXPECT_EQ(batch.rows, batch.rows_in_files);
  ASSERT_EQ(accounts.stage_files.size(), 1U);
  EXPECT_EQ(accounts.stage_files[0].batches, std::vector<std::int64_t>({1, 2}));
  EXPECT_EQ(accounts.stage_files[0].ranges.at(0).offsets, model::OffsetRange({0, 5}));
  const auto views = BareStore::unwrap(it.store->folder_views(Role::kUpkeep));
  ASSERT_EQ(views.size(), 1U);
  EXPECT_EQ(views[0].leaving, std::vector<std::string>({"a.parquet", "b.parquet"}));
}

TEST(UpkeepSqlTest, RefusesFilesThatAMergeIsStillToRead) {
  TwoFiles it;
  it.merge_up_to(4);
  EXPECT_THAT(it.keep_up(it.rewrite(5)), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(it.keep_up(it.expiry("b")), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(it.keep_up(it.expiry("a")), IsOk());
}

TEST(UpkeepSqlTest, RefusesAFileWithMoreOrFewerRows) {
  TwoFiles it;
  it.merge_up_to(5);
  EXPECT_THAT(it.keep_up(it.rewrite(4)), FailsWith(ErrorKind::kCorrupt));
  EXPECT_THAT(it.keep_up(it.rewrite(6)), FailsWith(ErrorKind::kCorrupt));
  UpkeepCommit twice = it.rewrite(6);
  twice.superseded = {FileId("a"), FileId("a")};
  EXPECT_THAT(it.keep_up(twice), FailsWith(ErrorKind::kCorrupt));
  UpkeepCommit other_day = it.rewrite(5);
  other_day.rewritten->event_date = "2026-01-02";
  EXPECT_THAT(it.keep_up(other_day), FailsWith(ErrorKind::kCorrupt));
}

TEST(UpkeepSqlTest, KeepsTheSchemaOfTheRowsThatWereStagedLast) {
  TwoFiles it;
  const auto wider =
      model::make_table_schema(kUsersTable, {{"id", {model::TypeKind::kInt64, 0, 0, {}}}}, {0});
  BareStore::check(it.store->save_schema(it.store.lease(Role::kSilverStage), *wider));
  StageCommit last = it.stage_of("c", 5, 6);
  last.files[0].schema = wider->id;
  BareStore::check(it.stage(last));
  it.merge_up_to(5);
  ASSERT_THAT(it.keep_up(it.rewrite(5)), IsOk());
  EXPECT_EQ(BareStore::unwrap(it.store->newest_schema(it.table))->id, wider->id);
}

TEST(UpkeepSqlTest, FindsWhatIsOldEnoughAndMerged) {
  TwoFiles it;
  it.merge_up_to(3);
  const auto now = it.store.clock().now().time_since_epoch().count();
  EXPECT_TRUE(it.store->upkeep().expiring_files({{}, now})->empty());
  const auto found = BareStore::unwrap(it.store->upkeep().expiring_files({{}, now + 1}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].folder, kFolder);
  ASSERT_EQ(found[0].files.size(), 1U);
  EXPECT_EQ(found[0].files[0].id, FileId("a"));
  EXPECT_TRUE(it.store->upkeep().expiring_files({})->empty());
}

TEST(UpkeepSqlTest, CountsWhatHasExpired) {
  TwoFiles it;
  it.merge_up_to(5);
  ASSERT_THAT(it.keep_up(it.expiry("a")), IsOk());
  const Accounts accounts = BareStore::unwrap(it.store->accounts());
  for (const BatchAccount& batch : accounts.batches) EXPECT_EQ(batch.rows, batch.rows_in_files);
  EXPECT_EQ(accounts.stage_files.size(), 2U);
  const auto expired = std::ranges::find(accounts.files, FileState::kExpired, &FileAccount::state);
  ASSERT_NE(expired, accounts.files.end());
  EXPECT_EQ(expired->file.id, FileId("a"));
}

TEST(UpkeepSqlTest, TrimsRowsOfFilesThatAreGoneAndNothingElse) {
  TwoFiles it;
  it.merge_up_to(5);
  ASSERT_THAT(it.keep_up(it.rewrite(5)), IsOk());
  const auto& lease = it.store.lease(Role::kUpkeep);
  BareStore::check(it.store->publish(lease, {{FileId("both")}, {{kFolder, {}}}}, kNothing));
  it.store.clock().advance(std::chrono::hours(48));
  EXPECT_EQ(it.store->upkeep().trim(lease, std::chrono::hours(24)), 0)
      << "their bytes are still there";
  const auto replaced = BareStore::unwrap(it.store->superseded(Role::kUpkeep, {}));
  EXPECT_EQ(replaced.files.size(), 2U);
  BareStore::check(it.store->forget(lease, replaced));
  EXPECT_EQ(it.store->upkeep().trim(lease, std::chrono::hours(72)), 0) << "too young";
  EXPECT_EQ(it.store->upkeep().trim(lease, std::chrono::hours(24)), 2);
  EXPECT_EQ(it.store->upkeep().trim(lease, std::chrono::hours(24)), 0);
  const Accounts accounts = BareStore::unwrap(it.store->accounts());
  EXPECT_TRUE(accounts.broken.empty());
  EXPECT_TRUE(it.store->is_live(FileId("both")).value());
}

}  // namespace
}  // namespace cdclake::metadata
