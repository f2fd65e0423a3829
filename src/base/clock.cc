#include "base/clock.h"

#include <cstdio>

namespace cdclake {

WallTime SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

MonotonicTime SystemClock::monotonic() const { return std::chrono::steady_clock::now(); }

namespace {

struct CivilDate {
  long long year;
  int month;
  int day;
};

/// Days since 1970 to a civil date of the proleptic Gregorian calendar, for years beyond what
/// `std::chrono::year` holds (±32767). Howard Hinnant's `civil_from_days`.
CivilDate civil_from_days(long long days) {
  const long long shifted = days + 719468;
  const long long era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const long long day_of_era = shifted - era * 146097;
  const long long year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const long long day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const long long month_shifted = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_shifted + 2) / 5 + 1);
  const int month = static_cast<int>(month_shifted < 10 ? month_shifted + 3 : month_shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

std::string utc_date(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
  const CivilDate date = civil_from_days(days);
  char text[48];
  const char* format =
      date.year >= 0 && date.year <= 9999 ? "%04lld-%02d-%02d" : "%+05lld-%02d-%02d";
  std::snprintf(text, sizeof text, format, date.year, date.month, date.day);
  return text;
}

std::string utc_timestamp(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  char text[32];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06dZ", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return utc_date(time) + text;
}

}  // namespace cdclake
