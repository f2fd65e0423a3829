#include "platform/config/printable.h"

#include <gtest/gtest.h>

namespace cdclake::config {
namespace {

TEST(PrintableTest, LeavesTextOfAnyLanguageAlone) {
  EXPECT_EQ(printable("Zoë Ünïcødé 😀 日本"), "Zoë Ünïcødé 😀 日本");
}

TEST(PrintableTest, EscapesWhatCouldForgeALineOrMoveACursor) {
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a\\x0ab\\x1b[2J\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\xc2\\x9b2J");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(PrintableTest, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

}  // namespace
}  // namespace cdclake::config
