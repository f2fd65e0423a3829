#include "app/pipeline/upkeep_loop/upkeep_job.h"

#include <algorithm>
#include <utility>

namespace cdclake::pipeline {
namespace {

constexpr std::chrono::seconds kRestMin{30};
constexpr int kRestsPerTurn = 9;

}  // namespace

UpkeepJob::UpkeepJob(const Workplace& place, upkeep::UpkeepConfig config, Mode mode)
    : place_(place),
      config_(std::move(config)),
      mode_(mode),
      not_before_(place.clock.monotonic()) {}

Status UpkeepJob::open() {
  upkeep_.reset();
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kUpkeep));
  CDCLAKE_RETURN_IF_ERROR(desk_->end_dead_runs("upkeep"));
  upkeep_.emplace(config_, upkeep::UpkeepContext{.fs = place_.fs,
                                                 .store = desk_->store(),
                                                 .publisher = desk_->publisher(),
                                                 .lease = desk_->lease(),
                                                 .clock = place_.clock});
  return {};
}

Result<Round> UpkeepJob::round(const std::stop_token& stop) {
  const MonotonicTime start = place_.clock.monotonic();
  if (mode_ == Mode::kKeepGoing && start < not_before_) return Round{};
  const auto effort = mode_ == Mode::kOnce ? upkeep::Effort::kAll : upkeep::Effort::kAllotted;
  CDCLAKE_ASSIGN_OR_RETURN(auto report, upkeep_->turn(stop, effort));
  const MonotonicTime end = place_.clock.monotonic();
  not_before_ = end + std::max<MonotonicTime::duration>(kRestMin, kRestsPerTurn * (end - start));
  return Round{.run = report.run,
               .did_work = false,
               .at_end = true,
               .lines = std::move(report.lines),
               .warnings = std::move(report.trouble)};
}

Result<Round> UpkeepJob::finish() {
  CDCLAKE_RETURN_IF_ERROR(upkeep_->finish());
  return Round{};
}

}  // namespace cdclake::pipeline
