#include "platform/commit/orphans.h"

#include <gtest/gtest.h>

#include <memory>

#include "platform/commit/crash_workbench.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using metadata::FileKind;
using metadata::Role;
using testing::IsOk;
using testing::LakeScene;
using testing::TempFolder;

const lake::LakePath kSomewhere{lake::Root::kBronze, "cdc/x.parquet"};

/// A process that left a hidden file, and is gone.
void leave_a_file(const TempFolder& folder) {
  LakeScene dead(folder.path());
  LakeScene::check(dead.publisher(Role::kBronzeWrite).start(std::chrono::hours(24)));
  dead.write(Role::kBronzeWrite, FileKind::kBronzePart, kSomewhere, "never committed");
}

Result<std::vector<Orphans>> find(LakeScene& scene) {
  return find_orphans(scene.fs(), scene.store(), scene.store_path(), scene.clock());
}

TEST(OrphansTest, FindsAndRemovesWhatADeadProcessLeft) {
  const TempFolder folder;
  leave_a_file(folder);
  LakeScene scene(folder.path());
  const auto found = LakeScene::unwrap(find(scene));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].bytes, 15);
  EXPECT_EQ(hidden_files(folder.path()), 1U) << "looking changes nothing";
  ASSERT_THAT(remove_orphans(scene.fs(), scene.store(), scene.lease(Role::kUpkeep), found[0]),
              IsOk());
  EXPECT_EQ(hidden_files(folder.path()), 0U);
}

TEST(OrphansTest, LeavesWhatAProcessHoldsThatLives) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  scene.lease(Role::kBronzeWrite);
  scene.write(Role::kBronzeWrite, FileKind::kBronzePart, kSomewhere, "being written");
  EXPECT_TRUE(LakeScene::unwrap(find(scene)).empty());
}

TEST(OrphansTest, LeavesAllWhenTheRoleWasTakenSinceItLooked) {
  const TempFolder folder;
  leave_a_file(folder);
  LakeScene scene(folder.path());
  const auto found = LakeScene::unwrap(find(scene));
  scene.lease(Role::kBronzeWrite);
  ASSERT_THAT(remove_orphans(scene.fs(), scene.store(), scene.lease(Role::kUpkeep), found.at(0)),
              IsOk());
  EXPECT_EQ(hidden_files(folder.path()), 1U);
}

TEST(OrphansTest, LeavesWhatTheNextStartOfARoleIsToPublish) {
  const TempFolder folder;
  {
    LakeScene dead(folder.path());
    const auto file = dead.write(Role::kBronzeWrite, FileKind::kBronzePart, kSomewhere, "named");
    const RunId run = dead.begin_run(Role::kBronzeWrite, "1");
    LakeScene::check(dead.store().commit(dead.lease(Role::kBronzeWrite),
                                         metadata::BronzeCommit{run, {{file, "t", {}}}, {}, {}}));
  }
  LakeScene scene(folder.path());
  EXPECT_TRUE(LakeScene::unwrap(find(scene)).empty());
}

}  // namespace
}  // namespace cdclake::commit
