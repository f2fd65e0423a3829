#include "platform/metadata/sqlite/store_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::metadata {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::TempFolder;

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StoreFileTest, PutsAStoreInPlaceAndKeepsTheOneBeforeWithItsLog) {
  const TempFolder folder;
  write(folder / "made", "new");
  write(folder / "store", "old");
  write(folder / "store-wal", "log of the old one");
  EXPECT_THAT(replace_store_file(
                  {.made = folder / "made", .path = folder / "store", .kept = folder / "kept"}),
              IsOk());
  EXPECT_EQ(text_of(folder / "store"), "new");
  EXPECT_FALSE(std::filesystem::exists(folder / "store-wal"));
  EXPECT_EQ(text_of(folder / "kept"), "old");
  EXPECT_EQ(text_of(folder / "kept-wal"), "log of the old one");
}

TEST(StoreFileTest, MovesALogAwayThatLostItsStore) {
  const TempFolder folder;
  write(folder / "made", "new");
  write(folder / "store-wal", "log of a store that is gone");
  EXPECT_THAT(replace_store_file(
                  {.made = folder / "made", .path = folder / "store", .kept = folder / "kept"}),
              IsOk());
  EXPECT_EQ(text_of(folder / "store"), "new");
  EXPECT_FALSE(std::filesystem::exists(folder / "store-wal"));
}

TEST(StoreFileTest, LeavesTheOldStoreAwayWhereTheNewOneCannotBePut) {
  const TempFolder folder;
  write(folder / "store", "old");
  EXPECT_THAT(replace_store_file(
                  {.made = folder / "nothing", .path = folder / "store", .kept = folder / "kept"}),
              FailsWith(ErrorKind::kUnavailable));
  EXPECT_EQ(text_of(folder / "kept"), "old");
}

}  // namespace
}  // namespace cdclake::metadata
