#include "app/pipeline/silver_stage_job.h"

#include <utility>

#include "app/pipeline/obstacles.h"
#include "app/pipeline/wording.h"

namespace cdclake::pipeline {
namespace {

constexpr std::chrono::seconds kBetweenLooks{30};

std::string by_name(const silver_stage::Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  }
  return text;
}

std::string line_of(const silver_stage::StageCounts& counts) {
  std::string line =
      counted(counts.records(), "record") + " staged: " + counted(counts.rows, "row");
  if (!counts.quarantined.empty()) line += "; quarantined: " + by_name(counts.quarantined);
  if (!counts.no_row.empty()) line += "; no row: " + by_name(counts.no_row);
  return line;
}

}  // namespace

SilverStageJob::SilverStageJob(const Workplace& place, Mode mode, std::stop_token stop,
                               Progress progress)
    : place_(place), mode_(mode), stop_(std::move(stop)), progress_(std::move(progress)) {}

Status SilverStageJob::open() {
  stage_.reset();
  CDCLAKE_ASSIGN_OR_RETURN(types_, load_declared_types(place_.config.types, stop_));
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kSilverStage));
  CDCLAKE_RETURN_IF_ERROR(desk_->end_dead_runs("silver_stage"));
  stage_.emplace(place_.memory_plan.stage(),
                 silver_stage::SilverStage::Context{.fs = place_.fs,
                                                    .store = desk_->store(),
                                                    .publisher = desk_->publisher(),
                                                    .lease = desk_->lease(),
                                                    .clock = place_.clock,
                                                    .spare_memory = &place_.spare_memory},
                 outside_types(), [this](const silver_stage::StageProgress& progress) {
                   progress_(std::to_string(progress.counts.records()) + " records, " +
                             std::to_string(progress.offsets_left) + " offsets to go");
                 });
  next_look_ = place_.clock.monotonic() + kBetweenLooks;
  return {};
}

// A table that waits gets its types from a catalog that somebody mends meanwhile. While that one is
// half saved, or its database is down, the tables whose types are known go on.
void SilverStageJob::look_again_if_due() {
  if (!waits_ || place_.clock.monotonic() < next_look_) return;
  next_look_ = place_.clock.monotonic() + kBetweenLooks;
  auto types = load_declared_types(place_.config.types, stop_);
  if (stop_.stop_requested()) return;
  if (!types) {
    trouble_ = "types stay as they were, and are looked up again in 30 s: " + types.error().message;
    return;
  }
  trouble_.clear();
  if (types->catalog == types_.catalog && types->settings == types_.settings) return;
  types_ = std::move(*types);
  types_.notes.clear();
  stage_->use_types(outside_types());
}

silver_stage::OutsideTypes SilverStageJob::outside_types() const {
  return {.catalog = types_.catalog ? &*types_.catalog : nullptr, .settings = types_.settings};
}

// With --once the end of the run names them all.
Result<std::vector<std::string>> SilverStageJob::flaw_news_if_due() {
  const bool is_due = may_have_flaws_ && place_.clock.monotonic() >= next_flaw_look_;
  if (mode_ == Mode::kOnce || !is_due) return std::vector<std::string>();
  CDCLAKE_ASSIGN_OR_RETURN(const auto flaws, desk_->store().flaws());
  CDCLAKE_ASSIGN_OR_RETURN(const auto tables, desk_->store().tables());
  may_have_flaws_ = false;
  if (!flaws.empty()) next_flaw_look_ = place_.clock.monotonic() + kBetweenLooks;
  return flaws_.take(flaws, tables);
}

Result<Round> SilverStageJob::round(const std::stop_token& stop) {
  look_again_if_due();
  CDCLAKE_ASSIGN_OR_RETURN(const auto report, stage_->run_once(stop));
  CDCLAKE_RETURN_IF_ERROR(desk_->sweep_if_due());
  Round round{.run = report.run, .did_work = report.committed, .at_end = true};
  if (mode_ == Mode::kOnce) round.warned = logging::Audience::kFileOnly;
  round.lines = std::exchange(types_.notes, {});
  if (round.did_work) round.lines.push_back(line_of(report.counts));
  // What needs a person is said when it begins and when it changes, not every second.
  auto warnings = describe_obstacles(report.refused, report.waits);
  if (!trouble_.empty()) warnings.push_back(trouble_);
  std::string text;
  for (const std::string& line : warnings) text += line + "\n";
  if (text != told_) round.warnings = std::move(warnings);
  told_ = std::move(text);
  waits_ = !report.waits.empty();
  if (!waits_) trouble_.clear();
  if (!report.counts.quarantined.empty()) may_have_flaws_ = true;
  CDCLAKE_ASSIGN_OR_RETURN(const auto news, flaw_news_if_due());
  round.warnings.insert(round.warnings.end(), news.begin(), news.end());
  return round;
}

Result<Round> SilverStageJob::finish() {
  CDCLAKE_RETURN_IF_ERROR(stage_->finish());
  return Round{};
}

}  // namespace cdclake::pipeline
