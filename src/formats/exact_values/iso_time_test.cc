#include "formats/exact_values/iso_time.h"

#include <gtest/gtest.h>

namespace cdclake::exact_values {
namespace {

constexpr std::int64_t kRefused = INT64_MIN;

std::int64_t date(std::string_view text) {
  std::int64_t days = 0;
  return parse_iso_date(text, days) == Parsed::kOk ? days : kRefused;
}
std::int64_t time_of_day(std::string_view text) {
  std::int64_t micros = 0;
  return parse_iso_time(text, micros) == Parsed::kOk ? micros : kRefused;
}
std::int64_t timestamp(std::string_view text) {
  std::int64_t micros = 0;
  return parse_iso_timestamp(text, micros) == Parsed::kOk ? micros : kRefused;
}

TEST(IsoTimeTest, ReadsDatesOfTheWholeCalendar) {
  EXPECT_EQ(date("1970-01-01Z"), 0);
  EXPECT_EQ(date("2024-02-29"), 19'782);
  EXPECT_EQ(date("-4713-11-24"), kDateMin);
  EXPECT_EQ(date("+5874897-12-31"), kDateMax);
  EXPECT_EQ(date("0000-12-31"), -719'163);
  for (const char* text :
       {"2023-02-29", "2024-13-01", "2024-00-01", "2024-1-01", "20240101", "", "2024-01-01T",
        "-4713-11-23", "+5874898-01-01", "99999999999999999999-01-01"}) {
    EXPECT_EQ(date(text), kRefused) << text;
  }
}

TEST(IsoTimeTest, ReadsTimesToTheMicrosecond) {
  EXPECT_EQ(time_of_day("00:00:00"), 0);
  EXPECT_EQ(time_of_day("12:34:56.789Z"), 45'296'789'000);
  EXPECT_EQ(time_of_day("12:34"), 45'240'000'000);
  EXPECT_EQ(time_of_day("24:00:00"), kTimeMax);
  EXPECT_EQ(time_of_day("00:00:00.000001000"), 1);
  for (const char* text : {"24:00:00.000001", "25:00:00", "12:60:00", "1:00:00", "12:34:56.",
                           "00:00:00.0000001", "", "12:34:56+02:00"}) {
    EXPECT_EQ(time_of_day(text), kRefused) << text;
  }
}

TEST(IsoTimeTest, ReadsTimestampsInUtc) {
  EXPECT_EQ(timestamp("2026-11-23T06:41:04.699027Z"), 1'795'416'064'699'027);
  EXPECT_EQ(timestamp("2024-01-01T00:00:00Z"), 1'704'067'200'000'000);
  EXPECT_EQ(timestamp("2024-01-01T00:00:00"), 1'704'067'200'000'000);
  EXPECT_EQ(timestamp("2024-01-01T02:00:00+02:00"), 1'704'067'200'000'000);
  EXPECT_EQ(timestamp("2023-12-31T22:30:00.5-01:30"), 1'704'067'200'500'000);
  EXPECT_EQ(timestamp("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(timestamp("-4713-11-24T00:00:00Z"), kTimestampMin);
  EXPECT_EQ(timestamp("+12345-01-02T03:04:05.700Z"), 327'403'479'845'700'000);
}

TEST(IsoTimeTest, NeverGivesAnotherTimestampThanTheText) {
  for (const char* text : {"infinity", "-infinity", "+294276-12-31T23:59:59.999999Z",
                           "+292278994-08-16T23:00:00Z", "-292275055-05-16T16:47:04.192Z",
                           "-4713-11-23T23:59:59Z", "+999999999999-01-01T00:00:00Z"}) {
    std::int64_t micros = 0;
    EXPECT_EQ(parse_iso_timestamp(text, micros), Parsed::kNotRepresentable) << text;
  }
  for (const char* text : {"", "2024-01-01", "2024-01-01 00:00:00", "2024-01-01T00:00:00X",
                           "2024-01-01T00:00:00+2", "2024-01-01T00:00:00Z ", "now"}) {
    std::int64_t micros = 0;
    EXPECT_EQ(parse_iso_timestamp(text, micros), Parsed::kMalformed) << text;
  }
}

}  // namespace
}  // namespace cdclake::exact_values
