#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>

namespace cdclake::source_catalog {

/// How long one may wait for a server, and who may end that sooner.
struct BoundedWait {
  std::chrono::steady_clock::time_point deadline;
  std::stop_token stop{};

  static BoundedWait of(std::chrono::milliseconds time, std::stop_token stop) {
    return {std::chrono::steady_clock::now() + time, std::move(stop)};
  }

  bool is_over() const { return stop.stop_requested() || left().count() <= 0; }
  std::chrono::milliseconds left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline -
                                                                 std::chrono::steady_clock::now());
  }
  /// What each of `count` waits may take of what is left.
  std::chrono::milliseconds share_of(std::size_t count) const {
    return std::max(left(), std::chrono::milliseconds(0)) / static_cast<std::int64_t>(count);
  }
  /// What to wait before asking `is_over` again: a stop is noticed that late.
  std::chrono::milliseconds slice() const {
    return std::clamp(left(), std::chrono::milliseconds(0), std::chrono::milliseconds(100));
  }
};

}  // namespace cdclake::source_catalog
