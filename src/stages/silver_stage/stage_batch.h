#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/change_row.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_stage/change_files.h"
#include "stages/silver_stage/partition_state.h"
#include "stages/silver_stage/quarantine_files.h"
#include "stages/silver_stage/record_judge.h"
#include "stages/silver_stage/schema_files.h"

namespace cdclake::silver_stage {

/// How often a large value is in memory while it is read, decoded, encoded and compressed.
inline constexpr std::int64_t kTimesHeld = 10;

/// What bounds one commit of the stage, and so its memory.
struct StageBatchLimits {
  std::int64_t records_max = 200'000;
  std::int64_t bytes_max = 128 << 20;       ///< Of rows that are gathered, in memory.
  std::int64_t group_bytes_max = 64 << 20;  ///< Of a file's row groups, before encoding.
  std::int64_t quarantined_max = 20'000;    ///< Each is a row of the metadata store.
  std::size_t files_max = 2'000;            ///< Closed files of one commit.
  std::size_t open_files_max = 256;

  Status validate() const;
};

/// By reason or kind.
using Counts = std::map<std::string, std::int64_t, std::less<>>;

/// What a batch, or several, did with records.
struct StageCounts {
  std::int64_t rows = 0;
  Counts quarantined;  ///< By reason.
  Counts no_row;       ///< By kind.

  std::int64_t records() const;
  StageCounts& operator+=(const StageCounts& other);
};

/// Gathers the verdicts on records up to one commit. Nothing of it is visible, or survives, before
/// the commit; a batch that is given up leaves hidden files for the sweep.
class StageBatch {
 public:
  struct Context {
    lake::LakeFs& fs;
    const Clock& clock;
  };
  StageBatch(StageBatchLimits limits, Context context, RunId run, OutsideTypes types);

  /// Takes a record that the partition wants, and moves the partition past it. Waits are not for a
  /// batch: they take nothing.
  Status add(const Verdict& verdict, const model::RawRecord& record, PartitionState& partition);

  bool is_full() const;
  bool is_empty() const { return records_ == 0; }
  const StageCounts& counts() const { return counts_; }

  /// Makes every file durable under its hidden name and gives the commit that names them, without
  /// the moves of positions. The batch is spent afterwards.
  Result<metadata::StageCommit> seal() &&;

 private:
  Status take(const StagedRow& staged, const model::RawRecord& record, PartitionState& partition);
  Status take(const QuarantineOrder& order, const model::RawRecord& record,
              PartitionState& partition);
  Status take(const model::NoRow& no_row, const model::RawRecord& record,
              PartitionState& partition);
  Status take(const WaitOrder& order, const model::RawRecord& record, PartitionState& partition);
  void pass(const model::RawRecord& record, PartitionState& partition);

  StageBatchLimits limits_;
  RunId run_;
  ChangeFiles changes_;
  QuarantineFiles quarantine_;
  SchemaFiles schemas_;
  StageCounts counts_;
  std::int64_t records_ = 0;
};

}  // namespace cdclake::silver_stage
