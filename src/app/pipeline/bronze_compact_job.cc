#include "app/pipeline/bronze_compact_job.h"

#include <utility>

namespace cdclake::pipeline {
namespace {

constexpr const char* kJob = "bronze_compact";

std::string line_of(const metadata::CompactableFolder& folder,
                    const bronze::CompactionReport& done) {
  return folder.topic + ", run " + folder.run.value + ": " + std::to_string(done.parts) +
         (done.parts == 1 ? " file" : " files") + " into one, " + std::to_string(done.records) +
         " records, " + std::to_string(done.bytes_before) + " to " +
         std::to_string(done.bytes_after) + " bytes";
}

}  // namespace

BronzeCompactJob::BronzeCompactJob(const Workplace& place, Progress progress)
    : place_(place), progress_(std::move(progress)) {}

Status BronzeCompactJob::open() {
  compactor_.reset();
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kBronzeCompact));
  CDCLAKE_RETURN_IF_ERROR(desk_->end_dead_runs(kJob));
  compactor_.emplace(
      bronze::BronzeContext{.fs = place_.fs,
                            .store = desk_->store(),
                            .publisher = desk_->publisher(),
                            .lease = desk_->lease(),
                            .clock = place_.clock},
      [this](const metadata::CompactableFolder& folder, const bronze::CompactionReport& done) {
        lines_.push_back(line_of(folder, done));
        progress_(std::to_string(lines_.size()) + " folders");
      });
  return {};
}

Result<Round> BronzeCompactJob::round(const std::stop_token& stop) {
  CDCLAKE_RETURN_IF_ERROR(desk_->sweep_if_due());
  CDCLAKE_ASSIGN_OR_RETURN(const auto folders, desk_->store().compactable_folders());
  Round round{.run = {}, .did_work = !folders.empty(), .at_end = true};
  if (folders.empty()) return round;
  CDCLAKE_ASSIGN_OR_RETURN(round.run, desk_->begin_run(kJob));
  const auto report = compactor_->run_once(stop);
  const auto status = report ? metadata::RunStatus::kSuccess : metadata::RunStatus::kFailed;
  const Status ended = desk_->store().end_run(desk_->lease(), round.run, status, "{}");
  CDCLAKE_RETURN_IF_ERROR(report);
  CDCLAKE_RETURN_IF_ERROR(ended);
  round.lines = std::exchange(lines_, {});
  return round;
}

Result<Round> BronzeCompactJob::finish() { return Round{}; }

}  // namespace cdclake::pipeline
