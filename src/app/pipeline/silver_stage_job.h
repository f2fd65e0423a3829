#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/pipeline/declared_types.h"
#include "app/pipeline/flaw_news.h"
#include "app/pipeline/stage_loops/stage_loop.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "stages/silver_stage/silver_stage.h"

namespace cdclake::pipeline {

/// Drives `silver stage`: Bronze records into typed change rows.
class SilverStageJob {
 public:
  using Progress = std::function<void(const std::string&)>;
  /// `stop` ends the wait for a server of types.
  SilverStageJob(const Workplace& place, Mode mode, std::stop_token stop, Progress progress);

  Status open();
  Result<Round> round(const std::stop_token& stop);
  Result<Round> finish();

 private:
  void look_again_if_due();
  silver_stage::OutsideTypes outside_types() const;
  Result<std::vector<std::string>> flaw_news_if_due();

  const Workplace& place_;
  const Mode mode_;
  const std::stop_token stop_;
  Progress progress_;
  DeclaredTypes types_;
  std::unique_ptr<Desk> desk_;
  std::optional<silver_stage::SilverStage> stage_;
  std::string told_;  ///< What needs a person, as it was last said.
  FlawNews flaws_;
  bool may_have_flaws_ = true;      ///< Since they were last looked at.
  MonotonicTime next_flaw_look_{};  ///< A topic full of bad records: not each round asks.
  std::string trouble_;             ///< Why types could not be looked up again; empty: they could.
  bool waits_ = false;              ///< Whether a partition waits for a type.
  MonotonicTime next_look_{};  ///< When declared types are looked up again for a table that waits.
};

}  // namespace cdclake::pipeline
