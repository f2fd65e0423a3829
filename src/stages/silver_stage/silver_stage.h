#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/job_run.h"
#include "platform/commit/publisher.h"
#include "platform/lake/lake_fs.h"
#include "platform/memory/spare_memory.h"
#include "platform/metadata/metadata_store.h"
#include "stages/silver_stage/schema_files.h"
#include "stages/silver_stage/stage_batch.h"

namespace cdclake::silver_stage {

struct SilverStageConfig {
  StageBatchLimits limits;
  /// What is held at most; where a record needs more, memory is borrowed.
  std::int64_t memory_bytes = std::int64_t{1} << 30;
  Status validate() const { return limits.validate(); }
};

/// After each commit.
struct StageProgress {
  StageCounts counts;             ///< Of the round so far.
  std::int64_t offsets_left = 0;  ///< Up to where Bronze stood at the round's start.
};

/// What a round did, and what needs a person.
struct StageReport {
  RunId run;               ///< In which it worked; empty where none is open.
  bool committed = false;  ///< Anything at all.
  StageCounts counts;
  std::vector<metadata::StageWait> waits;  ///< Every partition that waits for a schema.
  std::vector<metadata::Table> refused;    ///< Every table that is refused or stopped, and why.
};

/// Turns Bronze records into typed change rows.
///
/// Every record becomes a row of a table, or goes to the quarantine with a reason, or is counted as
/// carrying no row; nothing is folded away. Reads from the stage's position in each partition on;
/// each commit records the files, the moves of the positions, and the counts that account for them
/// in one transaction: after a crash a record is in all of them or in none. Running again without
/// new records changes nothing. A partition whose record has no known schema waits there, and the
/// other partitions go on. Not thread-safe.
class SilverStage {
 public:
  struct Context {
    lake::LakeFs& fs;
    metadata::MetadataStore& store;
    commit::Publisher& publisher;
    const metadata::LeaseGrant& lease;
    const Clock& clock;
    memory::SpareMemory* spare_memory = nullptr;  ///< Null: as much as is wanted.
  };
  using Progress = std::function<void(const StageProgress&)>;

  /// All of the context, and the catalog of `types`, must outlive the stage.
  SilverStage(SilverStageConfig config, Context context, OutsideTypes types,
              Progress progress = {});
  SilverStage(const SilverStage&) = delete;
  SilverStage& operator=(const SilverStage&) = delete;
  ~SilverStage();

  /// Stages up to where Bronze stood at the start. Ends early, with what is read committed, where
  /// `stop` is asked for. After an error the next call begins anew from the store. A partition that
  /// waits is looked at again once its topic feeds a table, and with other types.
  Result<StageReport> run_once(const std::stop_token& stop);
  /// From the next round on; its catalog must outlive the stage. Waits are looked at again.
  void use_types(OutsideTypes types);
  /// Ends the run that is open. Called last.
  Status finish();

 private:
  class Session;  // What is known between rounds; given up after an error.

  SilverStageConfig config_;
  Context context_;
  OutsideTypes types_;
  Progress progress_;
  commit::JobRun run_;
  std::unique_ptr<Session> session_;
};

}  // namespace cdclake::silver_stage
