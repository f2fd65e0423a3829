#pragma once

#include <chrono>
#include <string>

namespace cdclake {

/// Wall-clock time in UTC, microseconds since 1970.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using MonotonicTime = std::chrono::steady_clock::time_point;

/// Where time comes from, so that tests decide what time it is.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual MonotonicTime monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  MonotonicTime monotonic() const override;
};

/// `2026-11-24`, the UTC date of `time`. Works for any year that PostgreSQL knows; years outside
/// 0000–9999 are written with a sign, as ISO 8601 extends them.
std::string utc_date(WallTime time);
/// `2026-11-24T11:04:12.345678Z`.
std::string utc_timestamp(WallTime time);

}  // namespace cdclake
