#include "base/shortened.h"

#include <gtest/gtest.h>

namespace cdclake {
namespace {

TEST(ShortenedTest, LeavesWhatIsShortAsItIs) {
  EXPECT_EQ(shortened(""), "");
  EXPECT_EQ(shortened(std::string(kShownBytesMax, 'x')), std::string(kShownBytesMax, 'x'));
}

TEST(ShortenedTest, SaysHowLongTheTextIs) {
  EXPECT_EQ(shortened(std::string(10'000, 'x')),
            std::string(kShownBytesMax, 'x') + "… (10000 bytes)");
}

TEST(ShortenedTest, CutsNoCharacter) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "ü";
  EXPECT_EQ(shortened(text), text.substr(0, kShownBytesMax - 1) + "… (400 bytes)");
}

TEST(ShortenedTest, CutsBytesThatAreNoTextToo) {
  EXPECT_LT(shortened(std::string(10'000, '\x80')).size(), 270U);
}

}  // namespace
}  // namespace cdclake
