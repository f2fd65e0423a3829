#include "app/pipeline/stage_loops/workplace.h"

#include <chrono>
#include <utility>

namespace cdclake::pipeline {
namespace {

constexpr std::chrono::hours kBetweenSweeps{1};

}  // namespace

Desk::Desk(const Workplace& place, metadata::MetadataStore store, const metadata::LeaseGrant& lease)
    : place_(place),
      store_(std::move(store)),
      lease_(lease),
      publisher_(place.fs, store_, lease_),
      next_sweep_(place.clock.monotonic() + kBetweenSweeps) {}

Result<std::unique_ptr<Desk>> Desk::open(const Workplace& place, metadata::Role role) {
  CDCLAKE_ASSIGN_OR_RETURN(
      auto store, metadata::MetadataStore::open(place.config.lake.metadata_db,
                                                metadata::Access::kReadWrite, place.clock));
  auto desk = std::make_unique<Desk>(place, std::move(store), place.leases.grant(role));
  CDCLAKE_RETURN_IF_ERROR(desk->publisher_.start(place.config.lake.grace));
  return desk;
}

commit::JobRun Desk::runs_of(const std::string& job) {
  return {{store_, lease_, place_.clock}, job};
}

Status Desk::end_dead_runs(const std::string& job) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto dead, store_.unfinished_runs(job));
  for (const metadata::Run& run : dead) {
    CDCLAKE_RETURN_IF_ERROR(
        store_.end_run(lease_, run.id, metadata::RunStatus::kAborted, run.details));
  }
  return {};
}

Status Desk::sweep_if_due() {
  if (place_.clock.monotonic() < next_sweep_) return {};
  next_sweep_ = place_.clock.monotonic() + kBetweenSweeps;
  return publisher_.sweep(place_.config.lake.grace);
}

}  // namespace cdclake::pipeline
