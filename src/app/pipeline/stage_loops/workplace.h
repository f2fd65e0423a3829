#pragma once

#include <memory>
#include <string>

#include "app/pipeline/memory_plan/memory_plan.h"
#include "app/pipeline/stage_loops/lease_keeper.h"
#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/job_run.h"
#include "platform/commit/publisher.h"
#include "platform/config/config.h"
#include "platform/lake/lake_fs.h"
#include "platform/memory/spare_memory.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::pipeline {

/// What all stages of the process share. Outlives them.
struct Workplace {
  const config::Config& config;
  lake::LakeFs& fs;
  const LeaseKeeper& leases;
  const MemoryPlan& memory_plan;
  memory::SpareMemory& spare_memory;
  const Clock& clock;
};

/// What one stage has for itself: a connection to the store, under its role.
class Desk {
 public:
  /// Finishes what an earlier process of the role left between commit and publication, and removes
  /// what nobody names any more.
  static Result<std::unique_ptr<Desk>> open(const Workplace& place, metadata::Role role);
  Desk(const Workplace& place, metadata::MetadataStore store, const metadata::LeaseGrant& lease);
  Desk(Desk&&) = delete;  ///< The publisher borrows the store.

  /// The runs of the job, of which none is open yet.
  commit::JobRun runs_of(const std::string& job);
  /// Runs of the job whose process died are ended as ABORTED.
  Status end_dead_runs(const std::string& job);

  /// Removes replaced files whose grace period is over; at most once an hour.
  Status sweep_if_due();

  metadata::MetadataStore& store() { return store_; }
  commit::Publisher& publisher() { return publisher_; }
  const metadata::LeaseGrant& lease() const { return lease_; }

 private:
  const Workplace& place_;
  metadata::MetadataStore store_;
  const metadata::LeaseGrant& lease_;
  commit::Publisher publisher_;
  MonotonicTime next_sweep_;
};

}  // namespace cdclake::pipeline
