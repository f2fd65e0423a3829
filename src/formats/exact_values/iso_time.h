#pragma once

#include <cstdint>
#include <string_view>

#include "formats/exact_values/parsed.h"

namespace cdclake::exact_values {

/// PostgreSQL's dates, in days since 1970: 4714-11-24 BC to 5874897-12-31.
inline constexpr std::int64_t kDateMin = -2'440'588;
inline constexpr std::int64_t kDateMax = 2'145'042'905;
/// PostgreSQL's first timestamp, in microseconds since 1970. Its last one (294276-12-31) does not
/// fit 64 bits at this origin; the largest number stands for infinity.
inline constexpr std::int64_t kTimestampMin = -210'866'803'200'000'000;
inline constexpr std::int64_t kTimestampMax = INT64_MAX - 1;
inline constexpr std::int64_t kTimeMax = 86'400'000'000;  ///< 24:00:00, in microseconds.

constexpr bool is_date(std::int64_t days) { return days >= kDateMin && days <= kDateMax; }
constexpr bool is_timestamp(std::int64_t micros) {
  return micros >= kTimestampMin && micros <= kTimestampMax;
}
constexpr bool is_time(std::int64_t micros) { return micros >= 0 && micros <= kTimeMax; }

/// Reads `2024-02-29` with an optional `Z`; years may have a sign and more digits, and count
/// astronomically (0 is 1 BC). Days since 1970.
Parsed parse_iso_date(std::string_view text, std::int64_t& days);

/// Reads `12:34:56` with an optional fraction and `Z`. Microseconds since midnight.
Parsed parse_iso_time(std::string_view text, std::int64_t& micros);

/// Reads a date, `T`, a time, and `Z`, `+02:00` or nothing, which means UTC. Microseconds since
/// 1970 UTC; digits past the sixth of the fraction must be zeros. `infinity` and `-infinity`, as
/// years that no PostgreSQL knows, are kNotRepresentable.
Parsed parse_iso_timestamp(std::string_view text, std::int64_t& micros);

}  // namespace cdclake::exact_values
