#include "platform/commit/lake_binding.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "platform/commit/crash_workbench.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using metadata::Role;
using testing::FailsSaying;
using testing::IsOk;
using testing::LakeScene;
using testing::TempFolder;

Status recover(const TempFolder& folder) {
  LakeScene scene(folder.path());
  return scene.publisher(Role::kBronzeWrite).recover();
}

TEST(LakeBindingTest, TiesAStoreToTheLakeThatItMeetsFirst) {
  const TempFolder folder;
  EXPECT_THAT(recover(folder), IsOk());
  EXPECT_THAT(recover(folder), IsOk());
  std::filesystem::remove_all(folder / "silver");
  EXPECT_THAT(recover(folder), FailsSaying(ErrorKind::kInvalidConfig, "SILVER_BASE_PATH"));
}

TEST(LakeBindingTest, RefusesALakeWhoseStoreWasLost) {
  const TempFolder folder;
  ASSERT_TRUE(prepare_lake(folder.path(), Work::kBronze));
  std::filesystem::remove_all(folder / "metadata");
  EXPECT_THAT(recover(folder), FailsSaying(ErrorKind::kInvalidConfig, "METADATA_DB"));
}

}  // namespace
}  // namespace cdclake::commit
