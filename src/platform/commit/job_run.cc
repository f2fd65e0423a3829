#include "platform/commit/job_run.h"

#include <utility>

#include "base/ids.h"

namespace cdclake::commit {

JobRun::JobRun(const Context& context, std::string job, const RunLimits& limits)
    : store_(&context.store), lease_(&context.lease), clock_(&context.clock), limits_(limits) {
  row_.id = RunId(random_hex_id());
  row_.job = std::move(job);
}

Status JobRun::begin(const std::string& details) {
  if (is_open_) return {};
  const WallTime now = clock_->now();
  row_.started_us = now.time_since_epoch().count();
  row_.ingestion_date = utc_date(now);
  row_.details = details;
  CDCLAKE_RETURN_IF_ERROR(store_->begin_run(*lease_, row_));
  is_open_ = true;
  begun_ = clock_->monotonic();
  bytes_ = 0;
  return {};
}

bool JobRun::is_due() const {
  return is_open_ &&
         (bytes_ >= limits_.bytes_max || clock_->monotonic() - begun_ >= limits_.time_max ||
          utc_date(clock_->now()) != row_.ingestion_date);
}

Status JobRun::end(metadata::RunStatus status) { return end(status, row_.details); }

Status JobRun::end(metadata::RunStatus status, const std::string& details) {
  if (!std::exchange(is_open_, false)) return {};
  const RunId ended = std::exchange(row_.id, RunId(random_hex_id()));
  return store_->end_run(*lease_, ended, status, details);
}

Status JobRun::end_if_due() { return is_due() ? end(metadata::RunStatus::kSuccess) : Status{}; }

}  // namespace cdclake::commit
