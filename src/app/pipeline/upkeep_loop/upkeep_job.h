#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "app/pipeline/stage_loops/retry_policy.h"
#include "app/pipeline/stage_loops/stage_loop.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "stages/upkeep/upkeep.h"

namespace cdclake::pipeline {

/// Drives `maintain`. With --once it does all that there is to do. Where it keeps going it works in
/// turns, after each of which it rests nine times as long as that took.
class UpkeepJob {
 public:
  UpkeepJob(const Workplace& place, upkeep::UpkeepConfig config, Mode mode);

  Status open();
  Result<Round> round(const std::stop_token& stop);
  Result<Round> finish();

 private:
  const Workplace& place_;
  upkeep::UpkeepConfig config_;
  Mode mode_;
  std::unique_ptr<Desk> desk_;
  std::optional<upkeep::Upkeep> upkeep_;
  MonotonicTime not_before_;
};

}  // namespace cdclake::pipeline
