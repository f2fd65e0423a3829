#include "platform/metadata/metadata_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "platform/metadata/audit_sql/accounts_sql.h"
#include "platform/metadata/bronze_sql/bronze_sql.h"
#include "platform/metadata/bronze_sql/compaction_sql.h"
#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/file_sql/superseded_sql.h"
#include "platform/metadata/house_sql/lake_root_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/house_sql/schema_sql.h"
#include "platform/metadata/house_sql/source_end_sql.h"
#include "platform/metadata/house_sql/source_stop_sql.h"
#include "platform/metadata/rebuild_sql/adopted_sql.h"
#include "platform/metadata/rebuild_sql/rebuilt_sql.h"
#include "platform/metadata/silver_sql/flaw_sql.h"
#include "platform/metadata/silver_sql/merge_sql.h"
#include "platform/metadata/silver_sql/stage_query_sql.h"
#include "platform/metadata/silver_sql/stage_sql.h"
#include "platform/metadata/silver_sql/table_schema_sql.h"
#include "platform/metadata/silver_sql/table_sql.h"
#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/sqlite/store_file.h"
#include "platform/metadata/upkeep_sql/upkeep_commit_sql.h"

namespace cdclake::metadata {

class MetadataStore::Impl {
 public:
  Impl(const std::string& path, Access access, const Clock& clock)
      : database(path, access), clock_(clock) {}

  std::int64_t now_us() const { return clock_.now().time_since_epoch().count(); }
  std::int64_t us_before_now(std::chrono::hours age) const {
    return now_us() - std::chrono::microseconds(age).count();
  }

  Database database;

 private:
  const Clock& clock_;
};

Result<MetadataStore> MetadataStore::open(const std::string& path, Access access,
                                          const Clock& clock) {
  CDCLAKE_RETURN_IF_ERROR(prepare_store_file(path, access));
  auto impl = std::make_unique<Impl>(path, access, clock);
  CDCLAKE_RETURN_IF_ERROR(impl->database.opened());
  CDCLAKE_RETURN_IF_ERROR(open_schema(impl->database, access));
  return MetadataStore(std::move(impl));
}

Status MetadataStore::judge(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  // Left by a first start that died: who opens the store to write undoes it, and judges then.
  if (std::filesystem::exists(path + "-journal", error)) return {};
  Database database(path, Access::kReadOnly);
  CDCLAKE_RETURN_IF_ERROR(database.opened());
  return judge_schema(database);
}

MetadataStore::MetadataStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetadataStore::MetadataStore(MetadataStore&&) noexcept = default;
MetadataStore& MetadataStore::operator=(MetadataStore&&) noexcept = default;
MetadataStore::~MetadataStore() = default;

Result<std::optional<std::string>> MetadataStore::bound_lake(lake::Root root) {
  return metadata::bound_lake(impl_->database, root);
}

Result<std::string> MetadataStore::bind_lake(const LeaseGrant& lease, lake::Root root,
                                             const std::string& lake_id) {
  return metadata::bind_lake(impl_->database, lease, root, lake_id);
}

Result<bool> MetadataStore::names_files(lake::Root root) {
  return metadata::names_files(impl_->database, root);
}

Result<std::int64_t> MetadataStore::files_named() { return metadata::files_named(impl_->database); }

Status MetadataStore::commit(const LeaseGrant& lease, const BronzeCommit& commit) {
  return commit_bronze(impl_->database, impl_->now_us(), lease, commit);
}

Status MetadataStore::commit(const LeaseGrant& lease, const CompactionCommit& commit) {
  return commit_compaction(impl_->database, impl_->now_us(), lease, commit);
}

Status MetadataStore::commit(const LeaseGrant& lease, const StageCommit& commit) {
  return commit_stage(impl_->database, impl_->now_us(), lease, commit);
}

Status MetadataStore::commit(const LeaseGrant& lease, const MergeCommit& commit) {
  return commit_merge(impl_->database, impl_->now_us(), lease, commit);
}

Status MetadataStore::commit(const LeaseGrant& lease, const UpkeepCommit& commit) {
  return commit_upkeep(impl_->database, impl_->now_us(), lease, commit);
}

Status MetadataStore::publish(const LeaseGrant& lease, const Publication& publication,
                              const std::function<Status()>& make_visible) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(impl_->database, lease));
  CDCLAKE_RETURN_IF_ERROR(make_visible());
  CDCLAKE_RETURN_IF_ERROR(mark_published(impl_->database, publication.files));
  CDCLAKE_RETURN_IF_ERROR(
      mark_swapped(impl_->database, impl_->now_us(), lease.role, publication.swaps));
  return std::move(work).commit();
}

Result<std::vector<PreparedFile>> MetadataStore::unpublished_files(Role role) {
  return metadata::unpublished_files(impl_->database, role);
}

Result<std::vector<FolderView>> MetadataStore::folder_views(Role role) {
  return metadata::folder_views(impl_->database, role);
}

Result<PreparedFile> MetadataStore::file(const FileId& id) {
  return find_file(impl_->database, id);
}

Result<bool> MetadataStore::is_live(const FileId& id) {
  return metadata::is_live(impl_->database, id);
}

Result<Superseded> MetadataStore::superseded(Role role, std::chrono::hours grace) {
  return metadata::superseded(impl_->database, role, impl_->us_before_now(grace));
}

Status MetadataStore::forget(const LeaseGrant& lease, const Superseded& gone) {
  return forget_superseded(impl_->database, lease, gone);
}

Status MetadataStore::begin_run(const LeaseGrant& lease, const Run& run) {
  return metadata::begin_run(impl_->database, lease, run);
}

Status MetadataStore::end_run(const LeaseGrant& lease, const RunId& run, RunStatus status,
                              const std::string& details) {
  return metadata::end_run(impl_->database, lease, {run, status, details, impl_->now_us()});
}

Result<std::vector<Run>> MetadataStore::unfinished_runs(const std::string& job) {
  return metadata::unfinished_runs(impl_->database, job);
}

Result<Run> MetadataStore::run(const RunId& id) { return metadata::run(impl_->database, id); }

Result<std::vector<Run>> MetadataStore::runs(std::int64_t newest_max) {
  return newest_runs(impl_->database, newest_max);
}

Result<std::vector<model::Position>> MetadataStore::bronze_positions() {
  return metadata::bronze_positions(impl_->database);
}

Result<std::vector<StoredBronzeFile>> MetadataStore::bronze_files(
    const model::PartitionId& partition, const model::OffsetRange& range) {
  return bronze_files_in(impl_->database, partition, range);
}

Result<std::vector<StoredBronzeFile>> MetadataStore::bronze_files_of_run(const RunId& run) {
  return metadata::bronze_files_of_run(impl_->database, run);
}

Result<std::vector<CompactableFolder>> MetadataStore::compactable_folders() {
  return metadata::compactable_folders(impl_->database);
}

Result<std::vector<model::Gap>> MetadataStore::gaps() { return metadata::gaps(impl_->database); }

Status MetadataStore::record_ends(const LeaseGrant& lease,
                                  std::span<const model::PartitionEnd> ends) {
  return metadata::record_ends(impl_->database, impl_->now_us(), lease, ends);
}

Result<std::vector<model::PartitionEnd>> MetadataStore::source_ends() {
  return metadata::source_ends(impl_->database);
}

Status MetadataStore::record_stops(const LeaseGrant& lease,
                                   std::span<const model::PartitionStop> stops) {
  return metadata::record_stops(impl_->database, impl_->now_us(), lease, stops);
}

Result<std::vector<model::PartitionStop>> MetadataStore::source_stops() {
  return metadata::source_stops(impl_->database);
}

Result<std::vector<model::Position>> MetadataStore::stage_positions() {
  return metadata::stage_positions(impl_->database);
}

Result<Table> MetadataStore::register_table(const LeaseGrant& lease, const model::TableId& id,
                                            const std::string& topic) {
  return metadata::register_table(impl_->database, lease, {id, topic, impl_->now_us()});
}

Result<std::vector<Table>> MetadataStore::tables() { return metadata::tables(impl_->database); }

Status MetadataStore::set_table_state(const LeaseGrant& lease, TableKey table, TableState state,
                                      const std::string& reason) {
  Table wanted;
  wanted.key = table;
  wanted.state = state;
  wanted.reason = reason;
  return metadata::set_table_state(impl_->database, lease, wanted);
}

Status MetadataStore::save_schema(const LeaseGrant& lease, const model::TableSchema& schema) {
  return metadata::save_schema(impl_->database, impl_->now_us(), lease, schema);
}

Result<model::TableSchemaPtr> MetadataStore::schema(const model::SchemaId& id) {
  return load_schema(impl_->database, id);
}

Result<model::TableSchemaPtr> MetadataStore::newest_schema(TableKey table) {
  return newest_staged_schema(impl_->database, table);
}

Result<std::vector<StageWait>> MetadataStore::stage_waits() {
  return metadata::stage_waits(impl_->database);
}

Result<std::vector<PartitionCounts>> MetadataStore::partition_counts() {
  return metadata::partition_counts(impl_->database);
}

Result<std::vector<model::Position>> MetadataStore::merge_positions(TableKey table) {
  return metadata::merge_positions(impl_->database, table);
}

Result<std::vector<StageBatchEnd>> MetadataStore::stage_batch_ends(TableKey table,
                                                                   std::int64_t after_batch) {
  return metadata::stage_batch_ends(impl_->database, table, after_batch);
}

Result<std::vector<StoredStageFile>> MetadataStore::unmerged_stage_files(TableKey table) {
  return metadata::unmerged_stage_files(impl_->database, table);
}

Result<std::optional<CurrentVersion>> MetadataStore::current_version(TableKey table) {
  return metadata::current_version(impl_->database, table);
}

Result<std::vector<std::string>> MetadataStore::held_back(TableKey table) {
  return metadata::held_back(impl_->database, table);
}

Result<std::vector<Flaw>> MetadataStore::flaws() { return metadata::flaws(impl_->database); }

Status MetadataStore::adopt(const Adoption& adoption) {
  return adopt_tables(impl_->database, impl_->now_us(), adoption);
}

Status MetadataStore::fill(const RebuiltStore& rebuilt) {
  return fill_store(impl_->database, impl_->now_us(), rebuilt);
}

Status MetadataStore::put_in_place(const std::string& filled, const std::string& path,
                                   const std::string& kept) {
  return replace_store_file({.made = filled, .path = path, .kept = kept});
}

Result<Accounts> MetadataStore::accounts() { return metadata::accounts(impl_->database); }

UpkeepStore MetadataStore::upkeep() { return {impl_->database, impl_->now_us()}; }

Result<LeaseGrant> MetadataStore::take_lease(Role role, const std::string& holder,
                                             std::int64_t expected_epoch) {
  return metadata::take_lease(impl_->database, impl_->now_us(), {role, expected_epoch + 1, holder});
}

Result<LeaseState> MetadataStore::lease_state(Role role) {
  return metadata::lease_state(impl_->database, role);
}

Status MetadataStore::heartbeat(const LeaseGrant& lease) {
  return metadata::heartbeat(impl_->database, impl_->now_us(), lease);
}

}  // namespace cdclake::metadata
