#include "platform/metadata/bronze_sql/compaction_sql.h"

#include <gtest/gtest.h>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::bronze_commit;
using testing::bronze_folder;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::partition_of;
using testing::prepared;
using testing::segment_of;

const model::PartitionId kUsers = partition_of("users");
const model::PartitionId kOrders = partition_of("orders");
const RunId kRun("run1");

Status publish(BareStore& store, Role role, const Publication& publication) {
  return store->publish(store.lease(role), publication, [] { return Status(); });
}

/// Commits a part and publishes it.
void add_part(BareStore& store, const std::string& id, const model::Segment& segment) {
  BareStore::check(
      store->commit(store.lease(Role::kBronzeWrite), bronze_commit(kRun, id, segment)));
  BareStore::check(publish(store, Role::kBronzeWrite, {{FileId(id)}, {}}));
}

/// Two parts of users, with one of orders between them, in a run that has ended.
void fill(BareStore& store) {
  store.begin_run(Role::kBronzeWrite, kRun.value);
  add_part(store, "a", segment_of(kUsers, 0, 10));
  add_part(store, "o", segment_of(kOrders, 0, 5));
  add_part(store, "b", segment_of(kUsers, 10, 15));
  store.end_run(Role::kBronzeWrite, kRun);
}

CompactionCommit compaction_of_users() {
  CompactionCommit commit;
  commit.run = kRun;
  const auto folder = bronze_folder("users", kRun);
  commit.compacted = {prepared("c", FileKind::kBronzeCompacted, folder, 15),
                      "users",
                      {segment_of(kUsers, 0, 10), segment_of(kUsers, 10, 15)}};
  commit.superseded = {FileId("a"), FileId("b")};
  commit.view = {folder, "_COMPACTED", "c", {{"c.parquet", FileId("c")}}, {{"_SUCCESS", ""}}};
  return commit;
}

std::vector<std::string> ids(const Result<std::vector<StoredBronzeFile>>& files) {
  std::vector<std::string> found;
  for (const auto& file : files.value()) found.push_back(file.id.value);
  return found;
}
using Ids = std::vector<std::string>;

TEST(CompactionSqlTest, OffersFoldersOfEndedRunsWhoseFilesAreAllPublished) {
  BareStore store;
  store.begin_run(Role::kBronzeWrite, kRun.value);
  add_part(store, "a", segment_of(kUsers, 0, 10));
  EXPECT_TRUE(store->compactable_folders()->empty()) << "the run goes on";
  BareStore::check(store->commit(store.lease(Role::kBronzeWrite),
                                 bronze_commit(kRun, "o", segment_of(kOrders, 0, 5))));
  store.end_run(Role::kBronzeWrite, kRun);
  const auto folders = BareStore::unwrap(store->compactable_folders());
  ASSERT_EQ(folders.size(), 1U) << "orders has a file that is not published";
  EXPECT_EQ(folders[0].folder, bronze_folder("users", kRun));
  EXPECT_EQ(folders[0].topic, "users");
  EXPECT_EQ(ids(folders[0].parts), Ids{"a"});
}

TEST(CompactionSqlTest, PutsTheSegmentsIntoTheNewFileAtTheOldPlaceInTheOrder) {
  BareStore store;
  fill(store);
  ASSERT_THAT(store->commit(store.lease(Role::kBronzeCompact), compaction_of_users()), IsOk());
  EXPECT_EQ(ids(store->bronze_files_of_run(kRun)), (Ids{"c", "o"}));
  const auto files = BareStore::unwrap(store->bronze_files(kUsers, {0, 15}));
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].kind, FileKind::kBronzeCompacted);
  EXPECT_EQ(files[0].segments, compaction_of_users().compacted.segments);
  EXPECT_EQ(store->compactable_folders()->size(), 1U) << "only orders is left";
}

TEST(CompactionSqlTest, RefusesAnythingButTheSegmentsOfTheParts) {
  BareStore store;
  fill(store);
  const auto& lease = store.lease(Role::kBronzeCompact);
  CompactionCommit other_bytes = compaction_of_users();
  other_bytes.compacted.segments[1].checksum.low ^= 1U;
  EXPECT_THAT(store->commit(lease, other_bytes), FailsWith(ErrorKind::kCorrupt));
  CompactionCommit merged = compaction_of_users();
  merged.compacted.segments = {segment_of(kUsers, 0, 15)};
  EXPECT_THAT(store->commit(lease, merged), FailsWith(ErrorKind::kCorrupt));
  CompactionCommit lost_row = compaction_of_users();
  lost_row.compacted.file.rows = 14;
  EXPECT_THAT(store->commit(lease, lost_row), FailsWith(ErrorKind::kCorrupt));
  EXPECT_EQ(ids(store->bronze_files_of_run(kRun)), (Ids{"a", "o", "b"}));
}

TEST(CompactionSqlTest, RefusesToLeaveOutAPartOfTheFolder) {
  BareStore store;
  fill(store);
  CompactionCommit commit = compaction_of_users();
  commit.superseded = {FileId("a")};
  commit.compacted.segments.pop_back();
  commit.compacted.file.rows = 10;
  EXPECT_THAT(store->commit(store.lease(Role::kBronzeCompact), commit),
              FailsSaying(ErrorKind::kCorrupt, "leave out"));
}

TEST(CompactionSqlTest, HappensOnce) {
  BareStore store;
  fill(store);
  const auto& lease = store.lease(Role::kBronzeCompact);
  ASSERT_THAT(store->commit(lease, compaction_of_users()), IsOk());
  CompactionCommit again = compaction_of_users();
  again.compacted.file.id = FileId("d");
  EXPECT_THAT(store->commit(lease, again), FailsWith(ErrorKind::kConflict));
}

TEST(CompactionSqlTest, StartsTheGracePeriodWhenTheSwapIsPublished) {
  BareStore store;
  fill(store);
  const auto& lease = store.lease(Role::kBronzeCompact);
  ASSERT_THAT(store->commit(lease, compaction_of_users()), IsOk());
  const auto view = compaction_of_users().view;
  const auto views = BareStore::unwrap(store->folder_views(Role::kBronzeCompact));
  ASSERT_EQ(views.size(), 1U);
  EXPECT_EQ(views[0].folder, view.folder);
  EXPECT_EQ(views[0].version, "c");
  EXPECT_EQ(views[0].links.front().file, FileId("c"));
  EXPECT_EQ(views[0].texts, view.texts);

  store.clock().advance(std::chrono::hours(100));
  const lake::LakePath aside{lake::Root::kBronze, ".cdclake/aside/x"};
  ASSERT_THAT(publish(store, Role::kBronzeCompact, {{FileId("c")}, {{view.folder, {aside}}}}),
              IsOk());
  EXPECT_TRUE(store->folder_views(Role::kBronzeCompact)->empty()) << "it never changes again";
  const auto now =
      BareStore::unwrap(store->superseded(Role::kBronzeCompact, std::chrono::hours(24)));
  EXPECT_TRUE(now.files.empty());
  EXPECT_EQ(now.asides_kept, std::vector{aside});

  store.clock().advance(std::chrono::hours(24));
  const auto later =
      BareStore::unwrap(store->superseded(Role::kBronzeCompact, std::chrono::hours(24)));
  EXPECT_EQ(later.files.size(), 2U);
  EXPECT_EQ(later.asides, std::vector{aside});
  ASSERT_THAT(store->forget(lease, later), IsOk());
  const auto gone =
      BareStore::unwrap(store->superseded(Role::kBronzeCompact, std::chrono::hours(24)));
  EXPECT_TRUE(gone.files.empty() && gone.asides.empty());
}

}  // namespace
}  // namespace cdclake::metadata
