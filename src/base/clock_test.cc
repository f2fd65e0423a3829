#include "base/clock.h"

#include <gtest/gtest.h>

namespace cdclake {
namespace {

WallTime at_seconds(long long seconds) { return WallTime{std::chrono::seconds{seconds}}; }

TEST(ClockTest, NamesTheUtcDateOnBothSidesOf1970) {
  EXPECT_EQ(utc_date(at_seconds(0)), "1970-01-01");
  EXPECT_EQ(utc_date(at_seconds(-1)), "1969-12-31");
  EXPECT_EQ(utc_date(at_seconds(951782400)), "2000-02-29");
}

TEST(ClockTest, NamesYearsThatFourDigitsDoNotHold) {
  EXPECT_EQ(utc_date(at_seconds(-62198755200)), "-0001-01-01");
  EXPECT_EQ(utc_date(at_seconds(253402300800)), "+10000-01-01");
}

TEST(ClockTest, WritesTimestampsWithMicroseconds) {
  EXPECT_EQ(utc_timestamp(WallTime{std::chrono::microseconds{1}}), "1970-01-01T00:00:00.000001Z");
}

}  // namespace
}  // namespace cdclake
