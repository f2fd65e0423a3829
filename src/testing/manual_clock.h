#pragma once

#include <chrono>

#include "base/clock.h"

namespace cdclake::testing {

/// A clock that stands still until a test moves it. Starts at 2026-11-24T12:00:00Z.
class ManualClock final : public Clock {
 public:
  WallTime now() const override { return now_; }
  MonotonicTime monotonic() const override { return monotonic_; }

  void advance(std::chrono::microseconds step) {
    now_ += step;
    monotonic_ += step;
  }
  /// Moves the wall clock alone, as an operator or a time server does.
  void set_wall_time(WallTime now) { now_ = now; }

 private:
  WallTime now_{std::chrono::sys_days{std::chrono::November / 24 / 2026} + std::chrono::hours(12)};
  MonotonicTime monotonic_{std::chrono::hours(1)};
};

}  // namespace cdclake::testing
