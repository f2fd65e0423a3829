#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/job_run.h"
#include "platform/commit/publisher.h"
#include "platform/lake/lake_fs.h"
#include "platform/memory/allowance.h"
#include "platform/metadata/metadata_store.h"
#include "stages/silver_current/merge_plan.h"
#include "stages/silver_current/version_builder.h"

namespace cdclake::silver_current {

/// What to do with half of a key move whose other half has not been staged.
enum class OpenMoves : std::uint8_t {
  kHoldBack,  ///< It waits until the other half comes or must have been lost.
  /// The input is complete: the other half was lost before it reached us, where all of Bronze is
  /// staged. Else it waits too.
  kTakeAsAlone,
};

struct SilverMergeConfig {
  /// Staged rows of a table taken in one bite. Taken larger, and without a bound, only where a key
  /// move's halves lie further apart.
  std::int64_t batch_rows_max = 500'000;
  /// Rows of one file. A change rewrites the file it falls into, so smaller files make small
  /// changes cheaper and reading slower.
  std::int64_t file_rows_max = 200'000;
  /// A quarter each for: the changes of a bite, without their cells; the cells of as many of them
  /// as fit; the current file that is rewritten; the one that is written. For a row that passes it
  /// memory is borrowed. Twice as much for changes where key moves wait for each other over more.
  std::int64_t memory_bytes_max = std::int64_t{1} << 30;
  std::int64_t group_bytes_max = 64 << 20;  ///< Of a file's row groups, before encoding.
  OpenMoves open_moves = OpenMoves::kHoldBack;
  Status validate() const;
};

/// What a merge did to one table.
struct TableReport {
  std::string table;              ///< `public.users`
  std::int64_t rows_read = 0;     ///< Staged changes that were applied.
  std::int64_t rows_written = 0;  ///< Rows of rewritten files.
  std::optional<std::int64_t> version;
  std::vector<std::string> held_back;
  std::optional<std::string> stopped;
};

struct MergeReport {
  RunId run;                        ///< In which it worked; empty where none is open.
  std::vector<TableReport> tables;  ///< Those with something to do, in order of their names.
};

/// When a table may be merged again.
enum class Pace : std::uint8_t {
  kNow,    ///< Until everything staged is merged.
  kPaced,  ///< No sooner after the last merge of the table than that one took.
};

/// Keeps the current tables: the newest row of every key.
///
/// Each round takes one bite of every table that has staged rows, prepares the rewritten files, and
/// publishes all new versions together with the tables' progress in one transaction: after a crash
/// a table is at the version before or at the new one, never between. Running again without new
/// staged rows changes nothing. A table that must not go on (`KEY_CHANGED_PARTITION`,
/// `SCHEMA_CHANGED`) is stopped by name; the others go on. So is one that cannot be merged as it is
/// (`CANNOT_MERGE`: a damaged file), until a merge that is begun anew can. Not thread-safe.
class SilverMerge {
 public:
  struct Context {
    lake::LakeFs& fs;
    metadata::MetadataStore& store;
    commit::Publisher& publisher;
    const metadata::LeaseGrant& lease;
    const Clock& clock;
    memory::SpareMemory* spare_memory = nullptr;  ///< Null: as much as is wanted.
  };
  using Progress = std::function<void(const TableReport&)>;

  /// All of the context must outlive the merge.
  SilverMerge(SilverMergeConfig config, Context context, Progress progress = {});

  /// Merges up to where the stage stood at the start, less open key moves. Ends early, with what is
  /// done committed, where `stop` is asked for: the table that it works on is left as it was.
  Result<MergeReport> run_once(const std::stop_token& stop, Pace pace);
  /// Ends the run that is open. Called last.
  Status finish();

 private:
  struct TableBite;
  struct TableWork;
  struct Upstream;
  Result<std::vector<TableBite>> bite_all(const std::stop_token& stop, Pace pace,
                                          const Upstream& upstream);
  Result<std::optional<TableBite>> bite(const metadata::Table& table, const Upstream& upstream,
                                        const std::stop_token& stop);
  Result<TableBite> next_bite(TableWork& work);
  Result<TableBite> bite_past_open_moves(TableWork& work);
  Result<TableBite> bite_of_rows(TableWork& work, const BiteLimits& limits);
  Result<TableBite> bite_of_plan(const TableWork& work, const MergePlan& plan);
  static TableBite stopped_by(StoppedTable reason);
  bool may_merge(const metadata::Table& table);
  Status stop_table(const metadata::Table& table, const TableReport& report);
  Status publish(std::vector<TableBite> bites, MergeReport& report);

  SilverMergeConfig config_;
  Context context_;
  Progress progress_;
  commit::JobRun run_;
  memory::Allowance allowance_;  ///< Beyond `memory_bytes_max`.
  std::map<metadata::TableKey, MonotonicTime> not_before_;
  /// Of tables that are held back: what was seen when nothing moved, unless something has since.
  std::map<metadata::TableKey, std::optional<Outlook>> nothing_moved_;
  /// Of tables that are held back: unmerged files without half a key move.
  std::map<metadata::TableKey, std::set<FileId>> without_halves_;
  std::set<metadata::TableKey> tried_again_;  ///< Of those that could not be merged before.
};

}  // namespace cdclake::silver_current
