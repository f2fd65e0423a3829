#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// When a run ends and the next one begins, beside UTC midnight.
struct RunLimits {
  std::chrono::seconds time_max{3600};
  std::int64_t bytes_max = 1 << 30;  ///< Of files.
};

/// The runs of a job, one after the other: stretches of its work with an id, a row in the store and
/// a log file each.
///
/// A run begins with the first work, not with the process, so a job that finds nothing to do leaves
/// no trace. It goes on from round to round until it is due, until an error, or until the process
/// ends. The row is there before any commit that names the run; a row that stays RUNNING is of a
/// process that died, and the job's next start ends it as ABORTED. Not thread-safe.
class JobRun {
 public:
  struct Context {
    metadata::MetadataStore& store;
    const metadata::LeaseGrant& lease;
    const Clock& clock;
  };
  /// All of the context must outlive the run.
  JobRun(const Context& context, std::string job, const RunLimits& limits = {});

  /// Of the run that is open, or else of the one that begins next.
  const RunId& id() const { return row_.id; }
  bool is_open() const { return is_open_; }
  /// As the store has it since the run began.
  const metadata::Run& row() const { return row_; }

  /// Records that the run begins, unless it is open.
  Status begin(const std::string& details = "{}");
  /// `bytes` of files have been committed.
  void add_bytes(std::int64_t bytes) { bytes_ += bytes; }
  /// Whether it is open, and long, large or late enough for the next one.
  bool is_due() const;

  /// Records the end of the run, unless none is open. What begins next is another one.
  Status end(metadata::RunStatus status);
  Status end(metadata::RunStatus status, const std::string& details);
  /// Ends it as SUCCESS where it is due.
  Status end_if_due();

 private:
  metadata::MetadataStore* store_;
  const metadata::LeaseGrant* lease_;
  const Clock* clock_;
  RunLimits limits_;
  metadata::Run row_;
  bool is_open_ = false;
  MonotonicTime begun_;
  std::int64_t bytes_ = 0;
};

}  // namespace cdclake::commit
