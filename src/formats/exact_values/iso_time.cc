#include "formats/exact_values/iso_time.h"

#include <cstddef>

namespace cdclake::exact_values {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
/// Far past every calendar's end; keeps the arithmetic on years within 64 bits.
constexpr std::int64_t kYearMax = 999'999'999;

/// Days since 1970 of a date of the proleptic Gregorian calendar.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}
static_assert(days_from_civil(1970, 1, 1) == 0);
static_assert(days_from_civil(-4713, 11, 24) == kDateMin);
static_assert(days_from_civil(5874897, 12, 31) == kDateMax);
static_assert(kDateMin * kMicrosPerDay == kTimestampMin);

constexpr unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr unsigned char kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && is_leap ? 1U : 0U);
}

/// Walks over a text; every `take` either takes all it asks for or fails for good.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return place_ == text_.size(); }
  bool next_is(char c) const { return place_ < text_.size() && text_[place_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++place_;
    return true;
  }
  bool take_two(unsigned& value) {
    if (text_.size() - place_ < 2) return false;
    const auto tens = static_cast<unsigned>(text_[place_] - '0');
    const auto ones = static_cast<unsigned>(text_[place_ + 1] - '0');
    if (tens > 9 || ones > 9) return false;
    value = tens * 10 + ones;
    place_ += 2;
    return true;
  }
  /// Takes one digit, if there is one.
  bool take_digit(unsigned& digit) {
    if (at_end()) return false;
    digit = static_cast<unsigned>(text_[place_] - '0');
    if (digit > 9) return false;
    ++place_;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t place_ = 0;
};

/// Four digits or more, with an optional sign; saturates past `kYearMax`.
bool take_year(Cursor& cursor, std::int64_t& year) {
  const bool is_negative = cursor.take('-');
  if (!is_negative) cursor.take('+');
  int count = 0;
  unsigned digit = 0;
  for (; cursor.take_digit(digit); ++count) {
    if (year <= kYearMax) year = year * 10 + digit;
  }
  if (is_negative) year = -year;
  return count >= 4;
}

Parsed take_date(Cursor& cursor, std::int64_t& days) {
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!take_year(cursor, year) || !cursor.take('-') || !cursor.take_two(month) ||
      !cursor.take('-') || !cursor.take_two(day)) {
    return Parsed::kMalformed;
  }
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return Parsed::kMalformed;
  }
  if (year > kYearMax || year < -kYearMax) return Parsed::kNotRepresentable;
  days = days_from_civil(year, month, day);
  return Parsed::kOk;
}

/// Up to six digits count; what follows them must be zeros.
Parsed take_fraction(Cursor& cursor, std::int64_t& micros) {
  unsigned digit = 0;
  std::int64_t unit = kMicrosPerSecond / 10;
  int count = 0;
  for (; cursor.take_digit(digit); ++count) {
    if (unit == 0 && digit != 0) return Parsed::kNotRepresentable;
    micros += unit * digit;
    unit /= 10;
  }
  return count > 0 ? Parsed::kOk : Parsed::kMalformed;
}

Parsed take_time(Cursor& cursor, std::int64_t& micros) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if (!cursor.take_two(hour) || !cursor.take(':') || !cursor.take_two(minute)) {
    return Parsed::kMalformed;
  }
  // Java leaves out the seconds of a full minute.
  if (cursor.take(':') && !cursor.take_two(second)) return Parsed::kMalformed;
  if (hour > 24 || minute > 59 || second > 59) return Parsed::kMalformed;
  micros = (std::int64_t{hour} * 3600 + minute * 60 + second) * kMicrosPerSecond;
  if (cursor.take('.')) {
    if (const Parsed fraction = take_fraction(cursor, micros); fraction != Parsed::kOk) {
      return fraction;
    }
  }
  return micros <= kTimeMax ? Parsed::kOk : Parsed::kMalformed;
}

/// Microseconds east of UTC.
bool take_zone(Cursor& cursor, std::int64_t& offset) {
  if (cursor.at_end() || cursor.take('Z')) return true;
  const bool is_west = cursor.take('-');
  if (!is_west && !cursor.take('+')) return false;
  unsigned hour = 0;
  unsigned minute = 0;
  if (!cursor.take_two(hour) || !cursor.take(':') || !cursor.take_two(minute)) return false;
  if (hour > 18 || minute > 59) return false;
  offset = (std::int64_t{hour} * 3600 + minute * 60) * kMicrosPerSecond;
  if (is_west) offset = -offset;
  return true;
}

/// The number that `count` digits spell; what is no digit sets a bit above those of digits.
template <int Count>
unsigned digits_at(const char* text, unsigned& trouble) {
  unsigned value = 0;
  for (int i = 0; i < Count; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    trouble |= digit > 9 ? 1U : 0U;
    value = value * 10 + digit;
  }
  return value;
}

/// `2024-02-29T01:02:03.123456Z`, as Debezium writes nearly every timestamp. False for all others,
/// which may be timestamps too.
bool parse_usual_timestamp(std::string_view text, std::int64_t& micros) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kShape.size() || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':' || text[19] != '.' || text[26] != 'Z') {
    return false;
  }
  const char* const t = text.data();
  unsigned trouble = 0;
  const unsigned year = digits_at<4>(t, trouble);
  const unsigned month = digits_at<2>(t + 5, trouble);
  const unsigned day = digits_at<2>(t + 8, trouble);
  const unsigned hour = digits_at<2>(t + 11, trouble);
  const unsigned minute = digits_at<2>(t + 14, trouble);
  const unsigned second = digits_at<2>(t + 17, trouble);
  const unsigned fraction = digits_at<6>(t + 20, trouble);
  if (trouble != 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
      hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  const std::int64_t seconds = std::int64_t{hour} * 3600 + minute * 60 + second;
  micros =
      days_from_civil(year, month, day) * kMicrosPerDay + seconds * kMicrosPerSecond + fraction;
  return true;
}

}  // namespace

Parsed parse_iso_date(std::string_view text, std::int64_t& days) {
  Cursor cursor(text);
  if (const Parsed date = take_date(cursor, days); date != Parsed::kOk) return date;
  cursor.take('Z');
  if (!cursor.at_end()) return Parsed::kMalformed;
  return is_date(days) ? Parsed::kOk : Parsed::kNotRepresentable;
}

Parsed parse_iso_time(std::string_view text, std::int64_t& micros) {
  Cursor cursor(text);
  if (const Parsed time = take_time(cursor, micros); time != Parsed::kOk) return time;
  cursor.take('Z');
  return cursor.at_end() ? Parsed::kOk : Parsed::kMalformed;
}

Parsed parse_iso_timestamp(std::string_view text, std::int64_t& micros) {
  if (parse_usual_timestamp(text, micros)) return Parsed::kOk;
  if (text == "infinity" || text == "-infinity") return Parsed::kNotRepresentable;
  Cursor cursor(text);
  std::int64_t days = 0;
  std::int64_t time = 0;
  std::int64_t offset = 0;
  const Parsed date = take_date(cursor, days);
  if (date == Parsed::kMalformed || !cursor.take('T')) return Parsed::kMalformed;
  if (const Parsed clock = take_time(cursor, time); clock != Parsed::kOk) return clock;
  if (!take_zone(cursor, offset) || !cursor.at_end()) return Parsed::kMalformed;
  if (date != Parsed::kOk || __builtin_mul_overflow(days, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, time - offset, &micros) || !is_timestamp(micros)) {
    return Parsed::kNotRepresentable;
  }
  return Parsed::kOk;
}

}  // namespace cdclake::exact_values
