#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "platform/lake/lake_fs.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::lake {
namespace {

using testing::FailsSaying;
using testing::IsOk;

std::string mark_of(LakeFs& fs, Root root) {
  const auto text = read_text(fs, private_folder(root) / "lake.json");
  EXPECT_THAT(text, IsOk());
  return text.value_or("");
}

TEST(OpenLakeTest, MakesMissingFoldersAndKeepsTheLakesIdentity) {
  const testing::TempFolder folder;
  const LakeRoots roots{folder / "a/b/bronze/", folder / "a/silver"};
  const auto first = open_posix_lake(roots);
  ASSERT_THAT(first, IsOk());
  const std::string mark = mark_of(**first, Root::kBronze);
  EXPECT_NE(mark.find("\"lake_id\""), std::string::npos);
  const auto second = open_posix_lake(roots);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(mark_of(**second, Root::kBronze), mark);
  EXPECT_EQ((*second)->absolute({Root::kBronze, "x"}), folder / "a/b/bronze/x");
  EXPECT_EQ((*second)->list(private_folder(Root::kBronze))->size(), 3U) << "probes are gone";
}

TEST(OpenLakeTest, RemovesWhatAKilledFirstStartLeft) {
  const testing::TempFolder folder;
  const LakeRoots roots{folder / "bronze", folder / "silver"};
  const std::string id = "0123456789abcdef0123456789abcdef";
  const auto leave = [&](const std::string& name, std::chrono::hours age) {
    const std::filesystem::path path = folder / ("bronze/.cdclake/" + name);
    std::filesystem::create_directories(path / "one");
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - age);
  };
  leave("probe-" + id, std::chrono::hours(2));
  leave("lake-" + id, std::chrono::hours(2));
  leave("probe-" + id.substr(1) + "9", std::chrono::hours(0));  // Another process is at it.
  leave("probe-of-mine", std::chrono::hours(2));
  const auto opened = open_posix_lake(roots);
  ASSERT_THAT(opened, IsOk());
  std::vector<std::string> names;
  const auto entries = (*opened)->list(private_folder(Root::kBronze));
  ASSERT_THAT(entries, IsOk());
  for (const Entry& entry : *entries) {
    names.push_back(entry.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"aside", "lake.json", "probe-" + id.substr(1) + "9",
                                             "probe-of-mine", "wip"}));
}

TEST(OpenLakeTest, RefusesALakeOfTheFirstVersionAndLeavesItAlone) {
  const testing::TempFolder folder;
  for (const char* old : {"bronze/cdc", "silver/stage_events", "silver/current"}) {
    std::filesystem::create_directories(folder / old);
    const auto opened = open_posix_lake({folder / "bronze", folder / "silver"});
    EXPECT_THAT(opened, FailsSaying(ErrorKind::kInvalidConfig, "BRONZE_BASE_PATH")) << old;
    EXPECT_FALSE(std::filesystem::exists(folder / "bronze/.cdclake"));
    EXPECT_FALSE(std::filesystem::exists(folder / "silver/.cdclake"));
    std::filesystem::remove_all(folder / old);
  }
  EXPECT_THAT(open_posix_lake({folder / "bronze", folder / "silver"}), IsOk());
}

TEST(OpenLakeTest, RefusesALakeOfANewerProgramByName) {
  const testing::TempFolder folder;
  const LakeRoots roots{folder / "bronze", folder / "silver"};
  ASSERT_THAT(open_posix_lake(roots), IsOk());
  std::ofstream(folder / "bronze/.cdclake/lake.json") << R"({"format": 2})";
  EXPECT_THAT(open_posix_lake(roots), FailsSaying(ErrorKind::kInvalidConfig, "newer"));
}

TEST(OpenLakeTest, RefusesOneFolderForBothRootsUnderWhateverName) {
  const testing::TempFolder folder;
  std::filesystem::create_directory(folder / "lake");
  std::filesystem::create_directory_symlink(folder / "lake", folder / "link");
  for (const char* silver : {"lake", "link"}) {
    EXPECT_THAT(open_posix_lake({folder / "lake", folder / silver}),
                FailsSaying(ErrorKind::kInvalidConfig, "SILVER_BASE_PATH"));
    EXPECT_TRUE(std::filesystem::is_empty(folder / "lake"));
  }
}

TEST(OpenLakeTest, SaysWhichSettingIsWrong) {
  const testing::TempFolder folder;
  EXPECT_THAT(open_posix_lake({folder / "bronze", ""}),
              FailsSaying(ErrorKind::kInvalidConfig, "SILVER_BASE_PATH"));
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT(open_posix_lake({folder / "file/bronze", folder / "silver"}),
              FailsSaying(ErrorKind::kUnavailable, "BRONZE_BASE_PATH"));
}

}  // namespace
}  // namespace cdclake::lake
