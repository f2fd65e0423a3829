#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/pipeline/stage_loops/retry_policy.h"
#include "base/ids.h"
#include "base/result.h"
#include "platform/logging/log.h"

namespace cdclake::pipeline {

/// What one round of a stage did.
struct Round {
  RunId run;  ///< In which it worked; empty where none is open.
  bool did_work = false;
  bool at_end = false;               ///< The end that was seen at the start is reached.
  std::vector<std::string> lines{};  ///< What to log, a line a step.
  std::vector<std::string> warnings{};
  /// With --once the end of the program names again what lasts.
  logging::Audience warned = logging::Audience::kEverybody;
  std::string progress{};  ///< A few words for whoever watches; may be empty.
};

/// Whether what a stage had taken and not committed comes again when it is opened anew.
enum class Reopening : std::uint8_t { kReadsAgain, kLosesInput };

/// A stage as the loop drives it: the seam behind which tests put stages of their own.
struct StagePlan {
  std::string job;                               ///< `bronze_write`
  std::chrono::milliseconds idle_wait{0};        ///< Between rounds that found nothing to do.
  Reopening reopening = Reopening::kReadsAgain;  ///< kLosesInput: no error is waited for.
  /// Makes the stage anew: recovers, loads positions. Called first, and again after every error
  /// that may pass.
  std::function<Status()> open;
  /// One bite of work, after which everything that it says is committed.
  std::function<Result<Round>(const std::stop_token&)> round;
  /// Whether all that was read before a round failed is committed. Empty: never.
  std::function<bool()> owes_nothing{};
  /// Commits what is held back for a fuller file and closes the run. Called once, last.
  std::function<Result<Round>()> finish;
};

/// Where a loop says what it does.
struct Voice {
  const logging::Log* log = nullptr;                                          ///< Never null.
  std::function<void(std::string_view job, std::string_view text)> progress;  ///< May be empty.
};

/// Drives one stage until its end (kOnce), until `stop` is asked for, or until an error that no
/// waiting mends, which it returns. When stopped, it finishes: ok means that everything read is
/// committed and the run closed. Stopped while it waits to try again, it returns what had failed if
/// something was read that is not committed, and ok if nothing was.
Status drive(const StagePlan& plan, Mode mode, const std::stop_token& stop, const Voice& voice);

/// Waits, but not after `stop` is asked for.
void wait_for(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace cdclake::pipeline
