#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

#include "app/pipeline/stage_loops/retry_policy.h"
#include "app/pipeline/stage_loops/stage_loop.h"
#include "base/clock.h"
#include "base/result.h"
#include "platform/config/config.h"
#include "stages/upkeep/upkeep.h"

namespace cdclake::pipeline {

/// The stages of the road, in its order.
enum class Job : std::uint8_t {
  kBronzeWrite,
  kBronzeCompact,
  kSilverStage,
  kSilverMerge,
  kUpkeep  ///< Beside the road.
};
/// `bronze_write`: as runs and log lines name it.
std::string_view to_string(Job job);

/// Whether records may still come. Half of a key move is held back as long as they may.
enum class Input : std::uint8_t { kMayGoOn, kIsComplete };

struct Assignment {
  std::vector<Job> jobs{};  ///< In the order of the road; each at most once.
  Mode mode = Mode::kKeepGoing;
  Input input = Input::kMayGoOn;
};

/// Whether files of a day are put together at once that is over, or when rows have ceased to come.
enum class Haste : std::uint8_t { kNow, kInTime };

/// What the configuration says of upkeep. `maintain --once` is in haste: somebody asked for it.
upkeep::UpkeepConfig upkeep_config(const config::Config& config, Haste haste);

/// Takes the roles of the jobs, then runs them: kOnce one after the other, each taking its end when
/// the one before has ended; kKeepGoing all at once, a thread each, until `stop` is asked for or
/// one of them fails for good, which stops the others too.
///
/// Ok means that everything that was read is committed. After an error as much is committed as was;
/// the next start finishes what was begun. `clock` must outlive the call.
Status run_jobs(const config::Config& config, const Assignment& assignment,
                const std::stop_token& stop, const Voice& voice, const Clock& clock);

}  // namespace cdclake::pipeline
