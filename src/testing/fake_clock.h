#pragma once

#include <chrono>

#include "base/clock.h"

namespace cdclake::testing {

/// Time that stands still until the test moves it. Begins at 2026-01-01 00:00 UTC.
class FakeClock final : public Clock {
 public:
  WallTime now() const override { return start() + passed_; }
  MonotonicTime monotonic() const override {
    return MonotonicTime(std::chrono::hours(1)) + passed_;
  }
  void advance(std::chrono::microseconds time) { passed_ += time; }

 private:
  static WallTime start() {
    using namespace std::chrono;
    return sys_days(year(2026) / 1 / 1);
  }
  std::chrono::microseconds passed_{0};
};

}  // namespace cdclake::testing
