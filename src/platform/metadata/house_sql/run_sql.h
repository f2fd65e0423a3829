#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

Status begin_run(Database& database, const LeaseGrant& lease, const Run& run);

struct RunEnd {
  RunId run;
  RunStatus status = RunStatus::kSuccess;
  std::string details;
  std::int64_t ended_us = 0;
};
/// kConflict where the run is unknown or has ended already.
Status end_run(Database& database, const LeaseGrant& lease, const RunEnd& end);

Result<std::vector<Run>> unfinished_runs(Database& database, const std::string& job);
/// kConflict where there is none.
Result<Run> run(Database& database, const RunId& id);
Result<std::vector<Run>> newest_runs(Database& database, std::int64_t count_max);

/// The number of a run that goes on; kConflict where there is none.
Result<std::int64_t> open_run_key(Database& database, const RunId& run);

}  // namespace cdclake::metadata
