#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "platform/metadata/store_language/upkeep.h"

namespace cdclake::upkeep {

struct RewriteLimits {
  std::int64_t small_bytes = 64 << 20;    ///< A file that is larger stays as it is.
  std::int64_t target_bytes = 128 << 20;  ///< Of the files that become one.
  std::size_t files_max = 1000;
  /// While rows still come to a day: how many files are worth it. A larger one waits until those
  /// that came after it add up to as much, so that a row is written again a few times only.
  std::size_t files_min = 8;
  /// How long no rows must have come to a day that is over before all that is small is put
  /// together.
  std::chrono::seconds quiet{3600};
};

/// Files that become one: neighbours in the order of the stage's commits.
using Rewrite = std::vector<metadata::RewritableFile>;

/// What to put together of a day's files. Files count from the first up to the first that is not
/// merged. Pure.
std::vector<Rewrite> plan_rewrites(const metadata::StageDay& day, const RewriteLimits& limits,
                                   WallTime now);

}  // namespace cdclake::upkeep
