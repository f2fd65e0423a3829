#include "app/pipeline/bronze_compact_job.h"

#include <utility>

#include "app/pipeline/wording.h"
#include "platform/commit/role_lease.h"

namespace cdclake::pipeline {
namespace {

constexpr const char* kJob = "bronze_compact";

std::string line_of(const metadata::CompactableFolder& folder,
                    const bronze::CompactionReport& done) {
  return folder.topic + ", run " + folder.run.value + ": " + counted(done.parts, "file") +
         " into one, " + counted(done.records, "record") + ", " +
         std::to_string(done.bytes_before) + " to " + std::to_string(done.bytes_after) + " bytes";
}

}  // namespace

BronzeCompactJob::BronzeCompactJob(const Workplace& place, Progress progress)
    : place_(place), progress_(std::move(progress)) {}

Status BronzeCompactJob::open() {
  compactor_.reset();
  run_.reset();
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kBronzeCompact));
  CDCLAKE_RETURN_IF_ERROR(desk_->end_dead_runs(kJob));
  run_.emplace(desk_->runs_of(kJob));
  compactor_.emplace(
      bronze::BronzeContext{.fs = place_.fs,
                            .store = desk_->store(),
                            .publisher = desk_->publisher(),
                            .lease = desk_->lease(),
                            .clock = place_.clock,
                            .spare_memory = &place_.spare_memory},
      [this](const metadata::CompactableFolder& folder, const bronze::CompactionReport& done) {
        lines_.push_back(line_of(folder, done));
        progress_(counted(++folders_, "folder"));
      },
      place_.memory_plan.compaction());
  return {};
}

/// A writer ends its dead runs when it starts. Where none has started, nobody holds its role.
Status BronzeCompactJob::end_dead_runs_of_writer() {
  if (place_.leases.holds(metadata::Role::kBronzeWrite)) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const auto running, desk_->store().unfinished_runs("bronze_write"));
  if (running.empty()) return {};
  const auto lease = commit::RoleLease::take(desk_->store(), place_.config.lake.metadata_db,
                                             metadata::Role::kBronzeWrite, place_.clock);
  if (!lease) {
    if (lease.error().kind == ErrorKind::kConflict) return {};  // The writer lives.
    return tl::unexpected<Error>(lease.error());
  }
  commit::Publisher publisher(place_.fs, desk_->store(), lease->grant());
  CDCLAKE_RETURN_IF_ERROR(publisher.recover());
  CDCLAKE_ASSIGN_OR_RETURN(const auto ended, bronze::end_dead_runs({.fs = place_.fs,
                                                                    .store = desk_->store(),
                                                                    .publisher = publisher,
                                                                    .lease = lease->grant(),
                                                                    .clock = place_.clock}));
  for (const RunId& run : ended)
    lines_.push_back("run " + run.value + " has ended: its writer died");
  return {};
}

Result<Round> BronzeCompactJob::round(const std::stop_token& stop) {
  lines_.clear();
  folders_ = 0;
  CDCLAKE_RETURN_IF_ERROR(desk_->sweep_if_due());
  CDCLAKE_RETURN_IF_ERROR(end_dead_runs_of_writer());
  CDCLAKE_ASSIGN_OR_RETURN(const auto folders, desk_->store().compactable_folders());
  Round round{.run = {}, .did_work = !folders.empty(), .at_end = true};
  if (!folders.empty()) {
    CDCLAKE_RETURN_IF_ERROR(run_->begin());
    round.run = run_->id();
    const auto report = compactor_->run_once(stop);
    if (!report) {
      static_cast<void>(run_->end(metadata::RunStatus::kFailed));  // Else the next start ends it.
      return tl::unexpected<Error>(report.error());
    }
    run_->add_bytes(report->bytes_after);
  }
  CDCLAKE_RETURN_IF_ERROR(run_->end_if_due());
  round.lines = std::exchange(lines_, {});
  return round;
}

Result<Round> BronzeCompactJob::finish() {
  CDCLAKE_RETURN_IF_ERROR(run_->end(metadata::RunStatus::kSuccess));
  return Round{};
}

}  // namespace cdclake::pipeline
