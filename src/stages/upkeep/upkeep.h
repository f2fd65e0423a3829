#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/job_run.h"
#include "platform/commit/orphans.h"
#include "stages/upkeep/rewrite_plan.h"
#include "stages/upkeep/stage_rewriter.h"

namespace cdclake::upkeep {

struct UpkeepConfig {
  std::string store_path;            ///< METADATA_DB: beside it lie the locks of the roles.
  std::chrono::hours grace{24};      ///< How long a replaced file stays.
  std::chrono::hours bronze_age{0};  ///< After which records leave Bronze; 0: never.
  std::chrono::hours stage_age{0};   ///< After which staged rows go; 0: never.
  RewriteLimits rewrite;
};

/// Files of one kind, for whoever asks what is done or would be.
struct Share {
  std::string what;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

/// What a turn would do now, kind by kind; kinds without files are left out. Takes no lease and
/// changes nothing: fs and store may be opened to read.
Result<std::vector<Share>> plan_upkeep(lake::LakeFs& fs, metadata::MetadataStore& store,
                                       const Clock& clock, const UpkeepConfig& config);

/// What a turn has done.
struct TurnReport {
  RunId run;                         ///< Empty where none is open.
  std::vector<std::string> lines;    ///< A line for each thing.
  std::vector<std::string> trouble;  ///< Of files that are damaged: they stay as they are.
  bool is_done = true;               ///< Nothing was left for the next turn.
};

/// How much a turn does.
enum class Effort : std::uint8_t {
  kAll,      ///< Everything that there is to do.
  kAllotted  ///< What a moment allows, and clearing away once an hour.
};

/// Keeps files in shape. Each step commits by itself, so it may be stopped, or die, between any
/// two. Not thread-safe.
class Upkeep {
 public:
  /// The context holds the lease of `kUpkeep` and outlives this. `Publisher::start` goes before.
  Upkeep(UpkeepConfig config, const UpkeepContext& context);

  /// Ends early where `stop` is asked for.
  Result<TurnReport> turn(const std::stop_token& stop, Effort effort);
  /// Ends the run that is open. Called last.
  Status finish();

 private:
  Status work(TurnReport& report, const std::stop_token& stop, Effort effort);
  Status clear_away(TurnReport& report);
  Status expire(TurnReport& report);
  Status expire(const metadata::ExpiringFiles& files, TurnReport& report);
  Status rewrite(TurnReport& report, const std::stop_token& stop, Effort effort);
  Status rewrite(const metadata::StageDay& day, const Rewrite& files, const std::stop_token& stop,
                 TurnReport& report);
  /// Nothing where what stands in the way is not a matter of this process.
  Status unless_passing(const Status& status);
  Status trim();

  UpkeepConfig config_;
  UpkeepContext context_;
  commit::JobRun run_;
  MonotonicTime next_clearing_;
  /// Days with files that cannot be put together: tried again by the next process.
  std::set<std::tuple<metadata::TableKey, std::int64_t, std::string>> troubled_;
};

}  // namespace cdclake::upkeep
