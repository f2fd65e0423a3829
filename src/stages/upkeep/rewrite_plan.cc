#include "stages/upkeep/rewrite_plan.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cdclake::upkeep {
namespace {

using metadata::RewritableFile;

std::int64_t bytes_of(const Rewrite& files) {
  std::int64_t bytes = 0;
  for (const RewritableFile& file : files) bytes += file.bytes;
  return bytes;
}

/// Neighbours that are small and merged, in parts that are not too large.
std::vector<Rewrite> neighbours(const metadata::StageDay& day, const RewriteLimits& limits) {
  std::vector<Rewrite> runs(1);
  for (const RewritableFile& file : day.files) {
    if (!file.is_merged) break;
    const bool is_small = file.bytes < limits.small_bytes;
    const bool fits = runs.back().size() < limits.files_max &&
                      bytes_of(runs.back()) + file.bytes <= limits.target_bytes;
    if (!is_small || !fits) runs.emplace_back();
    if (is_small) runs.back().push_back(file);
  }
  return runs;
}

bool is_quiet(const metadata::StageDay& day, const RewriteLimits& limits, WallTime now) {
  std::int64_t newest_us = 0;
  for (const RewritableFile& file : day.files) newest_us = std::max(newest_us, file.staged_us);
  const WallTime newest{std::chrono::microseconds(newest_us)};
  return day.event_date < utc_date(now) && now - newest >= limits.quiet;
}

/// Leaves out files at the front that are larger than all after them.
void leave_large_ones(Rewrite& files) {
  std::int64_t bytes = bytes_of(files);
  const auto first = std::ranges::find_if(files, [&](const RewritableFile& file) {
    bytes -= file.bytes;
    return file.bytes <= bytes;
  });
  files.erase(files.begin(), first);
}

}  // namespace

std::vector<Rewrite> plan_rewrites(const metadata::StageDay& day, const RewriteLimits& limits,
                                   WallTime now) {
  const bool quiet = is_quiet(day, limits, now);
  std::vector<Rewrite> rewrites = neighbours(day, limits);
  for (Rewrite& files : rewrites) {
    if (!quiet) leave_large_ones(files);
  }
  const std::size_t files_min = quiet ? 2 : std::max<std::size_t>(2, limits.files_min);
  std::erase_if(rewrites, [&](const Rewrite& files) { return files.size() < files_min; });
  return rewrites;
}

}  // namespace cdclake::upkeep
