#include "platform/lake/posix_lake_fs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "testing/matchers.h"
#include "testing/temp_folder.h"
#include "testing/temp_lake.h"

namespace cdclake::lake {
namespace {

using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::TempLake;

const LakePath kTop{Root::kBronze, ""};

Status put(LakeFs& fs, const LakePath& path, std::string_view text) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(path));
  CDCLAKE_RETURN_IF_ERROR(file->append(text));
  return file->sync_and_close();
}

EntryType type_of(LakeFs& fs, const LakePath& path) {
  const auto found = fs.stat(path);
  EXPECT_THAT(found, IsOk());
  return found ? found->type : EntryType::kOther;
}

TEST(PosixLakeFsTest, ReadsBackWhatItWrote) {
  TempLake lake;
  ASSERT_THAT(lake.fs().make_folders(kTop / "a/b"), IsOk());
  const auto file = lake.fs().create(kTop / "a/b/c");
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT((*file)->append("one "), IsOk());
  EXPECT_THAT((*file)->append("two"), IsOk());
  EXPECT_THAT((*file)->sync_and_close(), IsOk());
  EXPECT_EQ((*file)->size(), 7);
  EXPECT_EQ((*file)->content_hash(), hash128("one two"));

  const auto reader = lake.fs().open(kTop / "a/b/c");
  ASSERT_THAT(reader, IsOk());
  char bytes[16] = "";
  const auto got = (*reader)->read_at(4, sizeof bytes, bytes);
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(std::string(bytes, static_cast<std::size_t>(*got)), "two");
}

TEST(PosixLakeFsTest, LetsNobodyElseReadTheFiles) {
  TempLake lake;
  ASSERT_THAT(lake.fs().make_folders(kTop / "a"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "a/b", ""), IsOk());
  struct stat file{};
  struct stat folder{};
  ASSERT_EQ(::stat(lake.fs().absolute(kTop / "a/b").c_str(), &file), 0);
  ASSERT_EQ(::stat(lake.fs().absolute(kTop / "a").c_str(), &folder), 0);
  EXPECT_EQ(file.st_mode & 0137U, 0U);
  EXPECT_EQ(folder.st_mode & 0027U, 0U);
}

TEST(PosixLakeFsTest, ReplacesNothing) {
  TempLake lake;
  ASSERT_THAT(put(lake.fs(), kTop / "one", "1"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "two", "2"), IsOk());
  EXPECT_THAT(lake.fs().create(kTop / "one"), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(lake.fs().rename(kTop / "one", kTop / "two"), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(lake.fs().link(kTop / "one", kTop / "two"), FailsWith(ErrorKind::kConflict));
  EXPECT_EQ(read_text(lake.fs(), kTop / "two").value(), "2");
}

TEST(PosixLakeFsTest, ExchangesTwoFoldersInOneStep) {
  TempLake lake;
  ASSERT_THAT(lake.fs().make_folders(kTop / "x/one"), IsOk());
  ASSERT_THAT(lake.fs().make_folders(kTop / "other"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "x/one/a", "a"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "other/b", "b"), IsOk());
  ASSERT_THAT(lake.fs().exchange(kTop / "x/one", kTop / "other"), IsOk());
  EXPECT_EQ(type_of(lake.fs(), kTop / "x/one/b"), EntryType::kFile);
  EXPECT_EQ(type_of(lake.fs(), kTop / "other/a"), EntryType::kFile);
}

TEST(PosixLakeFsTest, FollowsNoSymbolicLink) {
  TempLake lake;
  const testing::TempFolder elsewhere;
  std::ofstream(elsewhere / "secret") << "x";
  const std::string root = lake.fs().absolute(kTop);
  ASSERT_EQ(::symlink(elsewhere.path().c_str(), (root + "/folder").c_str()), 0);
  ASSERT_EQ(::symlink((elsewhere / "secret").c_str(), (root + "/file").c_str()), 0);
  const auto refused = FailsSaying(ErrorKind::kCorrupt, "symbolic link");
  EXPECT_THAT(lake.fs().open(kTop / "folder/secret"), refused);
  EXPECT_THAT(lake.fs().open(kTop / "file"), refused);
  EXPECT_THAT(lake.fs().create(kTop / "folder/new"), refused);
  EXPECT_THAT(lake.fs().make_folders(kTop / "folder/new"), refused);
  EXPECT_THAT(lake.fs().list(kTop / "folder"), refused);
  EXPECT_THAT(lake.fs().remove_tree(kTop / "folder/secret"), refused);
  EXPECT_EQ(type_of(lake.fs(), kTop / "file"), EntryType::kOther);
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "secret"));
}

TEST(PosixLakeFsTest, RemovesATreeButNotWhatItsLinksPointAt) {
  TempLake lake;
  const testing::TempFolder elsewhere;
  std::ofstream(elsewhere / "kept") << "x";
  ASSERT_THAT(lake.fs().make_folders(kTop / "a/b/c"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "a/b/file", "x"), IsOk());
  ASSERT_EQ(::symlink(elsewhere.path().c_str(), lake.fs().absolute(kTop / "a/b/link").c_str()), 0);
  EXPECT_THAT(lake.fs().remove_tree(kTop / "a"), IsOk());
  EXPECT_EQ(type_of(lake.fs(), kTop / "a"), EntryType::kAbsent);
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "kept"));
}

TEST(PosixLakeFsTest, RefusesPathsThatLeaveTheLake) {
  TempLake lake;
  for (const char* relative : {"../x", "a/../../x", "a//b", "./x", ""}) {
    const LakePath path{Root::kBronze, relative};
    EXPECT_THAT(lake.fs().create(path), FailsWith(ErrorKind::kCorrupt)) << relative;
    EXPECT_THAT(lake.fs().remove_tree(path.relative.empty() ? kTop / ".." : path),
                FailsWith(ErrorKind::kCorrupt));
  }
}

TEST(PosixLakeFsTest, ListsByNameAndTakesAbsentForEmpty) {
  TempLake lake;
  ASSERT_THAT(lake.fs().make_folders(kTop / "a/z"), IsOk());
  ASSERT_THAT(put(lake.fs(), kTop / "a/b", "12345"), IsOk());
  const auto listed = lake.fs().list(kTop / "a");
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].name, "b");
  EXPECT_EQ((*listed)[0].size, 5);
  EXPECT_EQ((*listed)[1].type, EntryType::kFolder);
  EXPECT_TRUE(lake.fs().list(kTop / "none/at/all")->empty());

  const std::size_t in_root = lake.fs().list({Root::kBronze, ""})->size();
  EXPECT_GT(in_root, 0U);
  EXPECT_EQ(lake.fs().list({Root::kBronze, ""})->size(), in_root) << "listed from the start again";
  EXPECT_THAT(lake.fs().remove_file(kTop / "none/at/all"), IsOk());
  EXPECT_THAT(lake.fs().remove_tree(kTop / "none/at/all"), IsOk());
}

TEST(PosixLakeFsTest, SaysWhatItTriedWhereAndWhy) {
  TempLake lake;
  const auto opened = lake.fs().open(kTop / "absent");
  EXPECT_THAT(opened, FailsSaying(ErrorKind::kUnavailable, "cannot open file"));
  EXPECT_THAT(opened, FailsSaying(ErrorKind::kUnavailable, lake.fs().absolute(kTop / "absent")));
}

}  // namespace
}  // namespace cdclake::lake
