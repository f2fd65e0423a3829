#include <gtest/gtest.h>

#include <filesystem>

#include "platform/commit/crash_workbench.h"
#include "platform/commit/locate.h"
#include "platform/commit/publisher.h"
#include "testing/child_process.h"
#include "testing/faulty_lake.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using metadata::FileKind;
using metadata::Role;
using testing::FailsWith;
using testing::IsOk;
using testing::LakeScene;
using testing::TempFolder;

constexpr std::chrono::hours kGrace{24};

std::size_t entries_in(const std::string& folder) {
  const auto entries = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// Old sides of a root; each is a folder.
std::vector<std::string> old_sides(const TempFolder& folder, const std::string& root) {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder / (root + "/.cdclake/aside"))) {
    paths.push_back(entry.path());
  }
  return paths;
}

Status start(LakeScene& scene, Role role) { return scene.publisher(role).start(kGrace); }

TEST(SweepTest, RemovesOnlyHiddenFilesOfItsOwnRoleThatNoCommitNames) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const lake::LakePath somewhere{lake::Root::kBronze, "cdc/x.parquet"};
  scene.write(Role::kBronzeWrite, FileKind::kBronzePart, somewhere, "left by a killed process");
  scene.write(Role::kBronzeCompact, FileKind::kBronzeCompacted, somewhere, "another role's");
  const auto committed = scene.write(Role::kBronzeWrite, FileKind::kBronzePart, somewhere, "");
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  LakeScene::check(
      scene.store().commit(scene.lease(Role::kBronzeWrite),
                           metadata::BronzeCommit{run, {{committed, "t", {}}}, {}, {}}));
  ASSERT_THAT(start(scene, Role::kBronzeWrite), IsOk());
  EXPECT_EQ(hidden_files(folder.path()), 1U) << "another role's";
  EXPECT_EQ(LakeScene::unwrap(scene.fs().stat(committed.final_path)).type, lake::EntryType::kFile);
}

TEST(SweepTest, LeavesWhatItsOwnProcessIsWriting) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  ASSERT_THAT(start(scene, Role::kBronzeWrite), IsOk());
  scene.write(Role::kBronzeWrite, FileKind::kBronzePart, {lake::Root::kBronze, "x.parquet"}, "");
  ASSERT_THAT(scene.publisher(Role::kBronzeWrite).sweep(kGrace), IsOk());
  EXPECT_EQ(hidden_files(folder.path()), 1U);
}

TEST(SweepTest, KeepsTheOldSideOfACompactedFolderForTheGracePeriod) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kCompaction));
  ASSERT_TRUE(start_and_work(folder.path(), Work::kCompaction));
  LakeScene scene(folder.path());
  scene.clock().advance(std::chrono::hours(23));
  ASSERT_THAT(start(scene, Role::kBronzeCompact), IsOk());
  ASSERT_EQ(old_sides(folder, "bronze").size(), 1U);
  EXPECT_EQ(entries_in(old_sides(folder, "bronze").front()), 2U) << "both parts";

  scene.clock().advance(std::chrono::hours(2));
  ASSERT_THAT(start(scene, Role::kBronzeCompact), IsOk());
  EXPECT_TRUE(old_sides(folder, "bronze").empty());
  EXPECT_TRUE(scene.store().superseded(Role::kBronzeCompact, kGrace)->files.empty());
  EXPECT_EQ(read_all(folder.path()).lines.size(), 8U);
}

TEST(SweepTest, KeepsTheOldSideOfASwapWhoseProcessDiedBeforeSayingSo) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kCompaction));
  ASSERT_EQ(testing::run_in_child("commit.after_exchange",
                                  [&] { return start_and_work(folder.path(), Work::kCompaction); }),
            testing::Ending::kKilled);
  LakeScene scene(folder.path());
  ASSERT_THAT(start(scene, Role::kBronzeCompact), IsOk());
  EXPECT_EQ(old_sides(folder, "bronze").size(), 1U);
  scene.clock().advance(std::chrono::hours(25));
  ASSERT_THAT(start(scene, Role::kBronzeCompact), IsOk());
  EXPECT_TRUE(old_sides(folder, "bronze").empty());
}

TEST(SweepTest, RemovesAFolderThatWasBuiltAndNeverExchanged) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kCompaction));
  ASSERT_EQ(testing::run_in_child("commit.after_aside",
                                  [&] { return start_and_work(folder.path(), Work::kCompaction); }),
            testing::Ending::kKilled);
  LakeScene scene(folder.path());
  ASSERT_THAT(start(scene, Role::kBronzeCompact), IsOk());
  ASSERT_EQ(old_sides(folder, "bronze").size(), 1U);
  EXPECT_EQ(entries_in(old_sides(folder, "bronze").front()), 2U) << "the parts, not the new side";
}

TEST(SweepTest, RemovesReplacedFilesOfACurrentTableAfterTheGracePeriod) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  ASSERT_TRUE(start_and_work(folder.path(), Work::kMerge));
  LakeScene scene(folder.path());
  const std::string data = folder / "silver/current_data/table=p.u";
  ASSERT_THAT(start(scene, Role::kSilverMerge), IsOk());
  EXPECT_EQ(entries_in(data), 2U);
  EXPECT_EQ(old_sides(folder, "silver").size(), 2U);

  scene.clock().advance(std::chrono::hours(25));
  ASSERT_THAT(start(scene, Role::kSilverMerge), IsOk());
  EXPECT_EQ(entries_in(data), 1U);
  EXPECT_EQ(entries_in(folder / "silver/current_data/table=p.t"), 2U) << "both are live";
  EXPECT_TRUE(old_sides(folder, "silver").empty());
}

TEST(SweepTest, GivesSpaceBackBeforeRecoveryAsksForSome) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  ASSERT_TRUE(start_and_work(folder.path(), Work::kMerge));
  const Visible before = read_all(folder.path());
  std::filesystem::remove_all(folder / "silver/current/table=p.t");
  LakeScene scene(folder.path());
  scene.clock().advance(std::chrono::hours(25));
  constexpr int kExpired = 3 + 2;  // Two old sides and a file; then the folders that they lay in.
  testing::FaultyLake full(scene.fs(), kExpired + 1, testing::Fault::kForGood);
  Publisher publisher(full, scene.store(), scene.lease(Role::kSilverMerge));
  EXPECT_THAT(publisher.start(kGrace), FailsWith(ErrorKind::kUnavailable));
  EXPECT_TRUE(old_sides(folder, "silver").empty());
  EXPECT_EQ(entries_in(folder / "silver/current_data/table=p.u"), 1U);

  ASSERT_THAT(start(scene, Role::kSilverMerge), IsOk());
  EXPECT_EQ(read_all(folder.path()).lines, before.lines);
}

TEST(SweepTest, LetsOtherRolesCommitWhileItRemovesExpiredFiles) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  ASSERT_TRUE(start_and_work(folder.path(), Work::kMerge));
  LakeScene scene(folder.path());
  scene.clock().advance(std::chrono::hours(25));
  // Through a connection that never gets the write lock: all is gone before it is asked for.
  auto reader = LakeScene::unwrap(metadata::MetadataStore::open(
      scene.store_path(), metadata::Access::kReadOnly, scene.clock()));
  Publisher publisher(scene.fs(), reader, scene.lease(Role::kSilverMerge));
  EXPECT_FALSE(publisher.sweep(kGrace).has_value());
  EXPECT_TRUE(old_sides(folder, "silver").empty());
}

TEST(SweepTest, WritesNothingInALakeThatIsInOrder) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  LakeScene scene(folder.path());
  testing::FaultyLake lake(scene.fs(), 1, testing::Fault::kForGood);
  Publisher publisher(lake, scene.store(), scene.lease(Role::kSilverMerge));
  EXPECT_THAT(publisher.start(kGrace), IsOk());
}

TEST(SweepTest, StopsWhereAFileOfAFolderIsLost) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  std::filesystem::remove_all(folder / "silver/current/table=p.t");
  std::filesystem::remove(folder / "silver/current_data/table=p.t/t1.parquet");
  LakeScene scene(folder.path());
  EXPECT_THAT(start(scene, Role::kSilverMerge), FailsWith(ErrorKind::kCorrupt));
}

TEST(SweepTest, KnowsWhichFilesACommitHasReplaced) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kCompaction));
  LakeScene scene(folder.path());
  const auto parts = LakeScene::unwrap(scene.store().bronze_files_of_run(RunId("1")));
  ASSERT_TRUE(start_and_work(folder.path(), Work::kCompaction));
  EXPECT_THAT(locate(scene.fs(), scene.store(), parts[0].id), FailsWith(ErrorKind::kConflict));
}

TEST(SweepTest, RebuildsAFolderThatSomebodyRemoved) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kMerge));
  const Visible before = read_all(folder.path());
  std::filesystem::remove_all(folder / "silver/current/table=p.t");
  LakeScene scene(folder.path());
  ASSERT_THAT(scene.publisher(Role::kSilverMerge).recover(), IsOk());
  EXPECT_EQ(read_all(folder.path()), before);
}

}  // namespace
}  // namespace cdclake::commit
