#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "model/record_source.h"
#include "stages/bronze/bronze_config.h"
#include "stages/bronze/bronze_run.h"

namespace cdclake::bronze {

struct EndedRun {
  RunId run;
  metadata::RunStatus status = metadata::RunStatus::kSuccess;
};

/// What was committed since the last report.
struct BronzeReport {
  RunId run;  ///< In which it was committed; empty where none is open.
  std::int64_t records = 0;
  std::int64_t files = 0;
  std::int64_t file_bytes = 0;
  std::int64_t records_read_again = 0;  ///< Compared with Bronze, and the same.
  std::vector<model::Gap> gaps;         ///< Newly found missing.
  std::vector<EndedRun> ended;          ///< Runs that died, rolled or finished.
  bool at_end = false;                  ///< The source has reached the end that it saw at `open`.

  bool committed() const { return files > 0 || !gaps.empty(); }
};

/// Writes every record of a source into Bronze, exactly once and byte for byte.
///
/// Records are buffered by topic and committed together, with the positions that they move, when
/// they are many, large or old enough. After a crash a record is in Bronze and below the position,
/// or neither. Records below the position are compared with what Bronze holds and never stored
/// twice. What a source says of its partitions' ends is recorded as it comes. Runs are begun with
/// the first record and roll; one that died is ended by the next `open`.
///
/// Buffered records lie in hidden files that no row of the store names yet, so the role's hidden
/// files must not be swept between `open` and `finish`. Not thread-safe.
class BronzeStage {
 public:
  /// `source` must outlive the stage.
  BronzeStage(BronzeConfig config, BronzeContext context, model::RecordSource& source);
  BronzeStage(const BronzeStage&) = delete;
  BronzeStage& operator=(const BronzeStage&) = delete;
  ~BronzeStage();

  /// Ends dead runs and opens the source at the stored positions. `Publisher::recover` goes before.
  Result<BronzeReport> open();

  /// Polls until something was committed, the source is at its end, a second has passed, or `stop`
  /// is asked for; what is buffered may stay so. After an error the run is FAILED and the stage
  /// spent; everything that was committed stays. kConflict: the store was moved by another process,
  /// or records that are read again differ from those in Bronze.
  Result<BronzeReport> run_round(const std::stop_token& stop);

  /// Whether it was the source that failed in `run_round`: what it had given is committed then.
  bool owes_nothing() const;

  /// Commits what is buffered and ends the run. The stage is spent afterwards.
  Result<BronzeReport> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::bronze
