#include "app/terminal/text_table.h"

#include <gtest/gtest.h>

namespace cdclake::terminal {
namespace {

TEST(TextTableTest, AlignsNumbersRightAndCountsCharactersNotBytes) {
  TextTable table({"name", ">rows"});
  table.add({"Zoë", "7"});
  table.add({"a\nb", "1,234"});
  EXPECT_EQ(table.text(), "  name      rows\n  Zoë          7\n  a\\x0ab   1,234\n");
}

TEST(TextTableTest, SaysNothingWithoutRows) { EXPECT_EQ(TextTable({"name"}).text(), ""); }

TEST(TextTableTest, GroupsDigitsAndScalesBytes) {
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(byte_size(999), "999 B");
  EXPECT_EQ(byte_size(12'345'678), "12.3 MB");
}

}  // namespace
}  // namespace cdclake::terminal
