#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/metadata/store_language/access.h"
#include "platform/metadata/store_language/accounts.h"
#include "platform/metadata/store_language/adoption.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/rebuilt.h"
#include "platform/metadata/store_language/views.h"
#include "platform/metadata/upkeep_store.h"

namespace cdclake::metadata {

/// The only authority over what is in the lake: positions, segments, files, runs, versions.
///
/// Every commit is one SQLite transaction (WAL, synchronous=FULL): after ok it survives a power
/// cut, after an error nothing of it is there. Commits name the caller's lease; under a newer
/// epoch they return kConflict and change nothing. Speaks in commits and views, never in SQL.
/// Not thread-safe: a thread opens its own.
class MetadataStore {
 public:
  /// Opens or creates and migrates the store. kInvalidConfig for a store of the first version (with
  /// the way out) or of a newer program; kCorrupt where SQLite finds it damaged.
  static Result<MetadataStore> open(const std::string& path, Access access, const Clock& clock);
  /// Whether `open` would refuse what lies there now; makes and migrates nothing. Ok where there is
  /// no store yet.
  static Status judge(const std::string& path);
  MetadataStore(MetadataStore&&) noexcept;
  MetadataStore& operator=(MetadataStore&&) noexcept;
  ~MetadataStore();

  /// The id of the root that the store was bound to; nothing before `bind_lake`.
  Result<std::optional<std::string>> bound_lake(lake::Root root);
  /// Returns what the root is bound to afterwards: one that is bound already stays so.
  Result<std::string> bind_lake(const LeaseGrant& lease, lake::Root root,
                                const std::string& lake_id);
  /// Whether any commit has named a file below the root.
  Result<bool> names_files(lake::Root root);
  /// How many files commits have named, those that are gone included: grows with each of them.
  Result<std::int64_t> files_named();

  // Commits: prepared files and all that depends on them, in one step.
  Status commit(const LeaseGrant& lease, const BronzeCommit& commit);
  Status commit(const LeaseGrant& lease, const CompactionCommit& commit);
  Status commit(const LeaseGrant& lease, const StageCommit& commit);
  Status commit(const LeaseGrant& lease, const MergeCommit& commit);
  Status commit(const LeaseGrant& lease, const UpkeepCommit& commit);

  /// Runs `make_visible` (renames, folder swaps) while the write lock is held and the lease's epoch
  /// is known to be the newest, then records the files as published and the grace period of what
  /// the swaps replaced. An error of `make_visible` leaves them prepared, for recovery.
  Status publish(const LeaseGrant& lease, const Publication& publication,
                 const std::function<Status()>& make_visible);
  /// Files of the role that were committed and not yet published, in commit order.
  Result<std::vector<PreparedFile>> unpublished_files(Role role);
  /// How the role's folders should look; of Bronze, the stage and upkeep until they do.
  Result<std::vector<FolderView>> folder_views(Role role);
  /// A file that a commit has named. Its bytes are at the hidden name until it is published, then
  /// at the final one (`commit::locate` looks); at neither, once it was replaced.
  Result<PreparedFile> file(const FileId& id);
  Result<bool> is_live(const FileId& id);
  /// What the role's commits replaced, by whether the grace period is over.
  Result<Superseded> superseded(Role role, std::chrono::hours grace);
  Status forget(const LeaseGrant& lease, const Superseded& gone);  ///< What that named is gone.

  // Runs.
  Status begin_run(const LeaseGrant& lease, const Run& run);
  Status end_run(const LeaseGrant& lease, const RunId& run, RunStatus status,
                 const std::string& details);
  /// Those still RUNNING although their process is gone: the caller holds the role.
  Result<std::vector<Run>> unfinished_runs(const std::string& job);
  Result<Run> run(const RunId& id);
  Result<std::vector<Run>> runs(std::int64_t newest_max);

  // Bronze.
  Result<std::vector<model::Position>> bronze_positions();
  /// Live files with a segment of the partition that overlaps the range.
  Result<std::vector<StoredBronzeFile>> bronze_files(const model::PartitionId& partition,
                                                     const model::OffsetRange& range);
  Result<std::vector<StoredBronzeFile>> bronze_files_of_run(const RunId& run);
  Result<std::vector<CompactableFolder>> compactable_folders();
  Result<std::vector<model::Gap>> gaps();
  /// What the source says of its partitions' ends, each in place of what it said before.
  Status record_ends(const LeaseGrant& lease, std::span<const model::PartitionEnd> ends);
  Result<std::vector<model::PartitionEnd>> source_ends();
  /// Which partitions are read no further, in place of all that was recorded before.
  Status record_stops(const LeaseGrant& lease, std::span<const model::PartitionStop> stops);
  Result<std::vector<model::PartitionStop>> source_stops();

  // Stage.
  Result<std::vector<model::Position>> stage_positions();
  /// The table, registered on first sight. kInvalidConfig when its Silver folder belongs to a table
  /// of the same schema and name of another database or server.
  Result<Table> register_table(const LeaseGrant& lease, const model::TableId& id,
                               const std::string& topic);
  Result<std::vector<Table>> tables();
  Status set_table_state(const LeaseGrant& lease, TableKey table, TableState state,
                         const std::string& reason);
  /// Schemas are kept for ever: stage files and versions name them. Idempotent.
  Status save_schema(const LeaseGrant& lease, const model::TableSchema& schema);
  Result<model::TableSchemaPtr> schema(const model::SchemaId& id);
  /// The schema of the table's last staged rows, retired files included; null: none was staged.
  Result<model::TableSchemaPtr> newest_schema(TableKey table);
  Result<std::vector<StageWait>> stage_waits();
  Result<std::vector<PartitionCounts>> partition_counts();  ///< By partition, in order.

  // Merge.
  Result<std::vector<model::Position>> merge_positions(TableKey table);
  Result<std::vector<StageBatchEnd>> stage_batch_ends(TableKey table, std::int64_t after_batch);
  /// Live stage files of the table with rows at or past its merge progress, by batch.
  Result<std::vector<StoredStageFile>> unmerged_stage_files(TableKey table);
  Result<std::optional<CurrentVersion>> current_version(TableKey table);
  Result<std::vector<std::string>> held_back(TableKey table);
  Result<std::vector<Flaw>> flaws();

  /// Puts tables that were made again beside the lake in the place of ours.
  Status adopt(const Adoption& adoption);
  Status fill(const RebuiltStore& rebuilt);  ///< An empty store, with what a lake's files say.
  /// Lets a store that was filled and closed take the place of the one at `path`, which is kept
  /// under the name `kept`. Crash: no store at `path`, and what works in the lake is refused.
  static Status put_in_place(const std::string& filled, const std::string& path,
                             const std::string& kept);

  /// Everything at once, for an audit; what is damaged in the store is said there.
  Result<Accounts> accounts();
  UpkeepStore upkeep();  ///< What upkeep asks.

  // Leases: see platform/commit/role_lease.h, which adds the lock file.
  Result<LeaseGrant> take_lease(Role role, const std::string& holder, std::int64_t expected_epoch);
  Result<LeaseState> lease_state(Role role);
  Status heartbeat(const LeaseGrant& lease);

 private:
  class Impl;
  explicit MetadataStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::metadata
