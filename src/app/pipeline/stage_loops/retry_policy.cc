#include "app/pipeline/stage_loops/retry_policy.h"

#include <algorithm>

namespace cdclake::pipeline {
namespace {

constexpr std::chrono::milliseconds kWaitMin{250};
constexpr std::chrono::milliseconds kWaitMax{30'000};
constexpr int kDoublingsMax = 7;

}  // namespace

std::optional<std::chrono::milliseconds> wait_before_retry(ErrorKind kind, int failures,
                                                           Mode mode) {
  switch (kind) {
    case ErrorKind::kUnavailable:
      // Whoever asked for one pass wants to know now.
      if (mode == Mode::kOnce) return std::nullopt;
      return std::min(kWaitMax, kWaitMin * (1 << std::clamp(failures - 1, 0, kDoublingsMax)));
    case ErrorKind::kConflict:       // Another process holds the role: going on would be a fight.
    case ErrorKind::kCorrupt:        // Only a person can change the outcome,
    case ErrorKind::kInvalidConfig:  // here too.
    case ErrorKind::kCancelled:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace cdclake::pipeline
