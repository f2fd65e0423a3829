#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/pipeline/stage_loops/stage_loop.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "stages/bronze/bronze_compactor.h"

namespace cdclake::pipeline {

/// Drives `bronze compact`: the small files of ended runs into one file each. Runs of a writer that
/// died are ended first.
class BronzeCompactJob {
 public:
  using Progress = std::function<void(const std::string&)>;
  BronzeCompactJob(const Workplace& place, Progress progress);

  Status open();
  Result<Round> round(const std::stop_token& stop);
  Result<Round> finish();

 private:
  Status end_dead_runs_of_writer();

  const Workplace& place_;
  Progress progress_;
  std::unique_ptr<Desk> desk_;
  std::optional<commit::JobRun> run_;
  std::optional<bronze::BronzeCompactor> compactor_;
  std::vector<std::string> lines_;  ///< What this round did, a line each.
  std::int64_t folders_ = 0;        ///< Compacted in this round.
};

}  // namespace cdclake::pipeline
