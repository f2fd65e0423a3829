#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "app/pipeline/stage_loops/stage_loop.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "stages/silver_current/silver_merge.h"

namespace cdclake::pipeline {

/// Drives `silver merge`: staged rows into current tables.
class SilverMergeJob {
 public:
  SilverMergeJob(const Workplace& place, silver_current::SilverMergeConfig config, Mode mode);

  Status open();
  Result<Round> round(const std::stop_token& stop);
  Result<Round> finish();

 private:
  const Workplace& place_;
  silver_current::SilverMergeConfig config_;
  Mode mode_;
  std::unique_ptr<Desk> desk_;
  std::optional<silver_current::SilverMerge> merge_;
  std::vector<std::string> stopped_;  ///< Tables that the round stopped.
};

}  // namespace cdclake::pipeline
