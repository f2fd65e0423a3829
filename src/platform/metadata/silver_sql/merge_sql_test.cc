#include "platform/metadata/silver_sql/merge_sql.h"

#include <gtest/gtest.h>

#include "platform/metadata/silver_sql/stage_workbench.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsWith;
using testing::IsOk;
using testing::prepared;

const lake::LakePath kData{lake::Root::kSilver, "current_data/table=public.users"};

/// Everything staged, nothing merged.
struct MergeBench : StagedStore {
  MergeBench() {
    testing::BareStore::check(stage(stage_of("staged0", 0, 6)));
    testing::BareStore::check(stage(stage_of("staged6", 6, 10)));
    merge_run = store.begin_run(Role::kSilverMerge, "merge");
  }

  static CurrentFile entry(const PreparedFile& file) {
    return {file.id, file.rows, file.bytes, std::string("a\0b", 3), "z", 0};
  }

  /// A version that adds one file to those of the version before.
  MergeCommit version(std::int64_t number, const std::string& file, model::OffsetRange range) {
    MergeCommit commit;
    commit.run = merge_run;
    TableMerge merge;
    merge.table = table;
    merge.expected_version = number - 1;
    merge.new_version = number;
    merge.schema = schema->id;
    merge.added = {prepared(file, FileKind::kCurrent, kData, 4)};
    const auto before = testing::BareStore::unwrap(store->current_version(table));
    if (before) merge.files = before->files;
    merge.files.push_back(entry(merge.added[0]));
    merge.moves = {{kUsersTopic, range.first, range.next}};
    commit.tables = {merge};
    return commit;
  }
  Status merge(const MergeCommit& commit) {
    return store->commit(store.lease(Role::kSilverMerge), commit);
  }
  std::optional<CurrentVersion> current() {
    return testing::BareStore::unwrap(store->current_version(table));
  }

  RunId merge_run;
};

TEST(MergeSqlTest, PublishesAVersionTogetherWithTheProgressItCovers) {
  MergeBench it;
  EXPECT_FALSE(it.current());
  ASSERT_THAT(it.merge(it.version(1, "f1", {0, 6})), IsOk());
  ASSERT_THAT(it.merge(it.version(2, "f2", {6, 10})), IsOk());
  const auto version = it.current();
  ASSERT_TRUE(version);
  EXPECT_EQ(version->version, 2);
  EXPECT_EQ(version->schema, it.schema->id);
  ASSERT_EQ(version->files.size(), 2U);
  EXPECT_EQ(version->files[0].id.value, "f1");
  EXPECT_EQ(version->files[1].id.value, "f2");
  EXPECT_EQ(version->files[0].key_min, std::string("a\0b", 3)) << "keys are bytes";
  EXPECT_EQ(it.store->merge_positions(it.table)->front().next_offset, 10);
  EXPECT_TRUE(it.store->unmerged_stage_files(it.table)->empty());
}

TEST(MergeSqlTest, GivesStageFilesUntilTheProgressHasPassedTheirLastRow) {
  MergeBench it;
  ASSERT_THAT(it.merge(it.version(1, "f1", {0, 5})), IsOk());
  EXPECT_EQ(it.store->unmerged_stage_files(it.table)->size(), 2U) << "row 5 is still in the first";
  ASSERT_THAT(it.merge(it.version(2, "f2", {5, 6})), IsOk());
  const auto files = BareStore::unwrap(it.store->unmerged_stage_files(it.table));
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].id.value, "staged6");
}

TEST(MergeSqlTest, RefusesAVersionOrProgressThatAnotherProcessMovedFirst) {
  MergeBench it;
  ASSERT_THAT(it.merge(it.version(1, "f1", {0, 6})), IsOk());
  MergeCommit same_version = it.version(1, "f2", {6, 10});
  EXPECT_THAT(it.merge(same_version), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(it.merge(it.version(2, "f2", {0, 10})), FailsWith(ErrorKind::kConflict));
  EXPECT_EQ(it.current()->files.size(), 1U);
}

TEST(MergeSqlTest, RefusesToPassTheStage) {
  MergeBench it;
  EXPECT_THAT(it.merge(it.version(1, "f1", {0, 11})), FailsWith(ErrorKind::kCorrupt));
}

TEST(MergeSqlTest, RefusesFilesThatNobodyCommitted) {
  MergeBench it;
  MergeCommit stranger = it.version(1, "f1", {0, 6});
  stranger.tables[0].files.push_back({FileId("staged0"), 6, 106, "", "", 0});
  EXPECT_THAT(it.merge(stranger), FailsWith(ErrorKind::kCorrupt));
  MergeCommit twice = it.version(1, "f1", {0, 6});
  twice.tables[0].files.push_back(twice.tables[0].files[0]);
  EXPECT_THAT(it.merge(twice), FailsWith(ErrorKind::kCorrupt));
  MergeCommit left_out = it.version(1, "f1", {0, 6});
  left_out.tables[0].files.clear();
  EXPECT_THAT(it.merge(left_out), FailsWith(ErrorKind::kCorrupt));
  MergeCommit other_rows = it.version(1, "f1", {0, 6});
  other_rows.tables[0].files[0].rows = 5;
  EXPECT_THAT(it.merge(other_rows), FailsWith(ErrorKind::kCorrupt));
  EXPECT_FALSE(it.current());
}

TEST(MergeSqlTest, MovesProgressAloneWhereNothingChanged) {
  MergeBench it;
  ASSERT_THAT(it.merge(it.version(1, "f1", {0, 6})), IsOk());
  MergeCommit commit;
  commit.run = it.merge_run;
  TableMerge progress;
  progress.table = it.table;
  progress.expected_version = 1;
  progress.moves = {{kUsersTopic, 6, 8}};
  progress.held_back = {"a key move whose other half is still to come"};
  commit.tables = {progress};
  ASSERT_THAT(it.merge(commit), IsOk());
  EXPECT_EQ(it.current()->version, 1);
  EXPECT_EQ(it.store->held_back(it.table).value(), progress.held_back);
  ASSERT_THAT(it.merge(it.version(2, "f2", {8, 10})), IsOk());
  EXPECT_TRUE(it.store->held_back(it.table)->empty());
}

TEST(MergeSqlTest, CommitsEveryTableOrNone) {
  MergeBench it;
  const auto other = BareStore::unwrap(it.store->register_table(
      it.store.lease(Role::kSilverStage), {"s", "db", "public", "orders"}, "s.orders"));
  MergeCommit commit = it.version(1, "f1", {0, 6});
  TableMerge stale;
  stale.table = other.key;
  stale.expected_version = 3;
  commit.tables.push_back(stale);
  EXPECT_THAT(it.merge(commit), FailsWith(ErrorKind::kConflict));
  EXPECT_FALSE(it.current());
  EXPECT_TRUE(it.store->merge_positions(it.table)->empty());
}

TEST(MergeSqlTest, KeepsReplacedFilesForTheGracePeriodAfterTheSwap) {
  MergeBench it;
  const lake::LakePath folder{lake::Root::kSilver, "current/table=public.users"};
  const auto with_view = [&](MergeCommit commit, const std::string& file) {
    commit.tables[0].view =
        FolderView{folder, "_VERSION", file, {{file + ".parquet", FileId(file)}}, {}};
    return commit;
  };
  ASSERT_THAT(it.merge(with_view(it.version(1, "f1", {0, 6}), "f1")), IsOk());
  MergeCommit replacing = with_view(it.version(2, "f2", {6, 10}), "f2");
  replacing.tables[0].files.erase(replacing.tables[0].files.begin());
  ASSERT_THAT(it.merge(replacing), IsOk());
  const auto& lease = it.store.lease(Role::kSilverMerge);
  const std::chrono::hours grace(24);

  it.store.clock().advance(std::chrono::hours(100));
  EXPECT_TRUE(it.store->superseded(Role::kSilverMerge, grace)->files.empty()) << "not yet swapped";
  ASSERT_THAT(it.store->publish(lease, {{FileId("f2")}, {{folder, {}}}}, [] { return Status(); }),
              IsOk());
  EXPECT_TRUE(it.store->superseded(Role::kSilverMerge, grace)->files.empty()) << "just swapped";
  it.store.clock().advance(grace);
  const auto found = BareStore::unwrap(it.store->superseded(Role::kSilverMerge, grace));
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].id.value, "f1");
  EXPECT_EQ(it.store->folder_views(Role::kSilverMerge)->size(), 1U);
}

}  // namespace
}  // namespace cdclake::metadata
