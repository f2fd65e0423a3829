#pragma once

#include <map>
#include <string>
#include <vector>

namespace cdclake::commit {

/// The kinds of work whose steps a crash may part.
enum class Work { kBronze, kCompaction, kStage, kMerge, kSweep, kRewrite, kExpiry };

const char* name_of(Work work);

/// Fills a new lake with all that comes before the work, published.
bool prepare_lake(const std::string& folder, Work work);
/// What a process does that starts: recovers and sweeps; then does the work, unless the store says
/// that it was done.
bool start_and_work(const std::string& folder, Work work);
/// The same on a disk whose `fails_at`-th operation that writes fails, and all after it. Does not
/// return where that is reached.
bool start_and_work_until(int fails_at, const std::string& folder, Work work);
/// Only the first half.
bool start_only(const std::string& folder, Work work);

/// Whether the store holds the work's commit.
bool is_done(const std::string& folder, Work work);

/// What people see who read `**/*.parquet` below `cdc`, `stage_events` and `current`: the files,
/// and the lines in them, sorted; and how much is kept for those who read an older version.
struct Visible {
  std::vector<std::string> files;
  std::vector<std::string> lines;
  std::size_t kept = 0;  ///< Old sides, and files of current tables.

  friend bool operator==(const Visible&, const Visible&) = default;
};
Visible read_all(const std::string& folder);
/// How many files lie hidden in either root's `.cdclake/wip`.
std::size_t hidden_files(const std::string& folder);

}  // namespace cdclake::commit
