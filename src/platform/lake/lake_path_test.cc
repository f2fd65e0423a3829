#include "platform/lake/lake_path.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cdclake::lake {
namespace {

TEST(LakePathTest, LeavesOrdinaryNamesAsTheyAre) {
  EXPECT_EQ(encode_segment("users"), "users");
  EXPECT_EQ(encode_segment("Order-Items_2"), "Order-Items_2");
  EXPECT_EQ(encode_segment("public.users"), "public.users");
  EXPECT_EQ(encode_table_segment("public", "users"), "public.users");
  EXPECT_EQ(encode_table_segment("public", "_prisma_migrations"), "public._prisma_migrations");
}

TEST(LakePathTest, EncodesWhatReadersOrFileSystemsGiveAMeaning) {
  EXPECT_EQ(encode_segment("_hidden"), "%5Fhidden");
  EXPECT_EQ(encode_segment(".hidden"), "%2Ehidden");
  EXPECT_EQ(encode_segment("dot."), "dot%2E");
  EXPECT_EQ(encode_segment("a=b"), "a%3Db");
  EXPECT_EQ(encode_segment("50%"), "50%25");
  EXPECT_EQ(encode_segment(std::string("a\0\n", 3)), "a%00%0A");
  EXPECT_EQ(encode_segment("\xC3\xA9"), "%C3%A9");
  EXPECT_EQ(encode_segment(""), "%");
}

TEST(LakePathTest, KeepsHostileNamesInsideTheFolder) {
  EXPECT_EQ(encode_segment("."), "%2E");
  EXPECT_EQ(encode_segment(".."), "%2E%2E");
  EXPECT_EQ(encode_segment("../x"), "%2E.%2Fx");
  EXPECT_EQ(encode_segment("a/b"), "a%2Fb");
  EXPECT_EQ(encode_table_segment("..", "../x"), "%2E%2E.%2E%2E%2Fx");
}

TEST(LakePathTest, TellsADotInsideANameFromTheOneBetweenSchemaAndTable) {
  EXPECT_EQ(encode_table_segment("a.b", "c"), "a%2Eb.c");
  EXPECT_EQ(encode_table_segment("a", "b.c"), "a.b%2Ec");
  EXPECT_EQ(encode_table_segment("", "c"), "%.c");
}

TEST(LakePathTest, CutsLongNamesBetweenEscapesAndKeepsThemApart) {
  std::string unicode;
  for (int i = 0; i < 63; ++i) unicode += "\xE2\x98\x83";
  const std::string forged(10'000, 'x');
  std::set<std::string> segments;
  for (const std::string& name : {unicode, unicode + "a", forged, forged + "y"}) {
    for (const std::string& segment : {encode_segment(name), encode_table_segment("public", name),
                                       encode_table_segment(name, "t")}) {
      EXPECT_LE(segment.size(), 200U);
      EXPECT_EQ(segment.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789_-.%~"),
                std::string::npos);
      const std::size_t escape = segment.rfind('%');
      EXPECT_TRUE(escape == std::string::npos || escape + 2 < segment.find('~')) << segment;
      EXPECT_TRUE(segments.insert(segment).second) << segment;
    }
  }
  EXPECT_NE(encode_segment(encode_segment(forged)), encode_segment(forged));
}

TEST(LakePathTest, KeepsTwinsOfCaseAndOfUnicodeFormsApart) {
  EXPECT_NE(encode_segment("Users"), encode_segment("users"));
  EXPECT_NE(encode_segment("caf\xC3\xA9"), encode_segment("cafe\xCC\x81"));
  EXPECT_NE(encode_segment("%41"), encode_segment("A"));
}

TEST(LakePathTest, WalksUpAndDown) {
  const LakePath file = LakePath{Root::kSilver, ""} / "a" / "b/c";
  EXPECT_EQ(file.relative, "a/b/c");
  EXPECT_EQ(file.name(), "c");
  EXPECT_EQ(file.parent().relative, "a/b");
  EXPECT_EQ(file.parent().parent().parent().relative, "");
  EXPECT_EQ(wip_path(Root::kSilver, "silver_stage-1").relative, ".cdclake/wip/silver_stage-1");
}

}  // namespace
}  // namespace cdclake::lake
