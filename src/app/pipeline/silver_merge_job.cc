#include "app/pipeline/silver_merge_job.h"

#include <utility>

#include "app/pipeline/wording.h"

namespace cdclake::pipeline {
namespace {

std::string line_of(const silver_current::TableReport& table) {
  std::string line = table.table + ": " + counted(table.rows_read, "change") + " merged";
  if (!table.version) return line + ", no row differs";
  return line + " into version " + std::to_string(*table.version) + ", " +
         counted(table.rows_written, "row") + " written";
}

}  // namespace

SilverMergeJob::SilverMergeJob(const Workplace& place, silver_current::SilverMergeConfig config,
                               Mode mode)
    : place_(place), config_(config), mode_(mode) {}

Status SilverMergeJob::open() {
  merge_.reset();
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kSilverMerge));
  CDCLAKE_RETURN_IF_ERROR(desk_->end_dead_runs("silver_merge"));
  merge_.emplace(place_.memory_plan.fitted(config_),
                 silver_current::SilverMerge::Context{.fs = place_.fs,
                                                      .store = desk_->store(),
                                                      .publisher = desk_->publisher(),
                                                      .lease = desk_->lease(),
                                                      .clock = place_.clock,
                                                      .spare_memory = &place_.spare_memory},
                 [this](const silver_current::TableReport& table) {
                   if (table.stopped)
                     stopped_.push_back(table.table + " is stopped: " + *table.stopped);
                 });
  return {};
}

Result<Round> SilverMergeJob::round(const std::stop_token& stop) {
  stopped_.clear();
  const auto pace =
      mode_ == Mode::kOnce ? silver_current::Pace::kNow : silver_current::Pace::kPaced;
  CDCLAKE_ASSIGN_OR_RETURN(const auto report, merge_->run_once(stop, pace));
  CDCLAKE_RETURN_IF_ERROR(desk_->sweep_if_due());
  Round round{.run = report.run, .did_work = !report.tables.empty(), .at_end = true};
  if (mode_ == Mode::kOnce) round.warned = logging::Audience::kFileOnly;
  for (const silver_current::TableReport& table : report.tables) {
    round.lines.push_back(line_of(table));
    // No warning: the other half is mostly a moment behind. What stays is named by status.
    for (const std::string& line : table.held_back) {
      round.lines.push_back(table.table + " is held back: " + line);
    }
  }
  round.warnings.insert(round.warnings.end(), stopped_.begin(), stopped_.end());
  return round;
}

Result<Round> SilverMergeJob::finish() {
  CDCLAKE_RETURN_IF_ERROR(merge_->finish());
  return Round{};
}

}  // namespace cdclake::pipeline
