#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/job_run.h"
#include "platform/commit/publisher.h"
#include "platform/lake/lake_fs.h"
#include "platform/memory/spare_memory.h"
#include "platform/metadata/metadata_store.h"
#include "stages/bronze/bronze_config.h"
#include "stages/bronze/bronze_writer.h"

namespace cdclake::bronze {

/// What a Bronze stage works with. All of it outlives the stage.
struct BronzeContext {
  lake::LakeFs& fs;
  metadata::MetadataStore& store;
  commit::Publisher& publisher;
  const metadata::LeaseGrant& lease;
  const Clock& clock;
  memory::SpareMemory* spare_memory = nullptr;  ///< Null: as much as is wanted.
};

/// A stretch of work: from the first record to a roll, a stop or an error.
///
/// A run has a row in the store before it has a file. Its folders' manifests are written at its
/// end, before the row says so: a run whose row is RUNNING may be missing them, an ended one never.
class BronzeRun {
 public:
  static Result<BronzeRun> begin(const BronzeContext& context, const BronzeConfig& config);

  const RunId& id() const { return run_.id(); }
  /// Whether the folder of the topic, if the run has one, belongs to this incarnation.
  bool takes(const model::PartitionId& partition) const;
  /// Where the topic's next file goes.
  BronzePlace next_place(const model::PartitionId& partition);
  /// `bytes` of Parquet have been committed.
  void add_bytes(std::int64_t bytes) { run_.add_bytes(bytes); }
  /// Whether it is long, large or late enough for the next one to begin.
  bool is_due() const { return run_.is_due(); }

  /// Writes manifests and markers, then the end into the store. An error says what went wrong.
  Status end(const BronzeContext& context, metadata::RunStatus status,
             const std::optional<std::string>& error);

 private:
  struct Topic {
    std::string incarnation;
    std::int64_t files = 0;
  };

  explicit BronzeRun(commit::JobRun run);

  commit::JobRun run_;
  std::map<std::string, Topic> topics_;
};

/// Ends the runs of processes that died: status ABORTED, a manifest that says so in each of their
/// folders, no `_SUCCESS`. Their records are in the lake and stay there. Idempotent. Gives the ids.
Result<std::vector<RunId>> end_dead_runs(const BronzeContext& context);

}  // namespace cdclake::bronze
