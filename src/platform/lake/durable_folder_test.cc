#include "platform/lake/durable_folder.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "testing/temp_folder.h"

namespace cdclake::lake {
namespace {

TEST(DurableFolderTest, MakesWhatIsMissingAndTakesWhatIsThere) {
  const testing::TempFolder folder;
  const std::filesystem::path deep = folder / "a/b/c";
  EXPECT_EQ(make_durable_folder(deep), 0);
  EXPECT_TRUE(std::filesystem::is_directory(deep));
  EXPECT_EQ(std::filesystem::status(deep).permissions(), std::filesystem::perms{0750});
  EXPECT_EQ(make_durable_folder(deep), 0);
  EXPECT_EQ(make_durable_folder("/"), 0);
}

TEST(DurableFolderTest, FollowsALinkOfTheOperators) {
  const testing::TempFolder folder;
  std::filesystem::create_directory(folder / "disk");
  std::filesystem::create_directory_symlink(folder / "disk", folder / "data");
  EXPECT_EQ(make_durable_folder(folder / "data"), 0);
  EXPECT_EQ(make_durable_folder(folder / "data/lake"), 0);
  EXPECT_TRUE(std::filesystem::is_directory(folder / "disk/lake"));
}

TEST(DurableFolderTest, SaysWhyItCannot) {
  const testing::TempFolder folder;
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(make_durable_folder(folder / "file/a"), ENOTDIR);
}

}  // namespace
}  // namespace cdclake::lake
