#include "stages/bronze/run_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace cdclake::bronze {
namespace {

std::string folder(const std::string& topic) {
  return run_folder(topic, "2026-11-24", RunId("abc")).relative;
}

TEST(RunFolderTest, SplitsTheTopicAtItsFirstDot) {
  EXPECT_EQ(folder("shop.public.users"),
            "cdc/source=shop/table=public.users/ingestion_date=2026-11-24/run_id=abc");
  EXPECT_EQ(folder("users"), "cdc/source=_/table=users/ingestion_date=2026-11-24/run_id=abc");
}

TEST(RunFolderTest, GivesEveryTopicAFolderOfItsOwn) {
  const std::vector<std::string> topics = {"x",    "_.x", ".x", "a.",   "a",     "a.b",  "a.B",
                                           "a..b", "a/b", "..", "../a", "a%2Fb", "a.b.", "_"};
  std::set<std::string> folders;
  for (const std::string& topic : topics) folders.insert(folder(topic));
  EXPECT_EQ(folders.size(), topics.size());
}

TEST(RunFolderTest, StaysInsideTheLakeWhateverATopicIsCalled) {
  for (const std::string& topic : std::vector<std::string>{"../../etc", "..", "a.../../b", "/",
                                                           "a./", std::string(10'000, '/')}) {
    const std::string path = folder(topic);
    EXPECT_TRUE(path.starts_with("cdc/source="));
    EXPECT_EQ(path.find("/../"), std::string::npos) << path;
    EXPECT_EQ(std::count(path.begin(), path.end(), '/'), 4) << path;
  }
}

TEST(RunFolderTest, NumbersParts) {
  EXPECT_EQ(part_name(1), "events_00001.parquet");
  EXPECT_EQ(part_name(123456), "events_123456.parquet");
}

}  // namespace
}  // namespace cdclake::bronze
