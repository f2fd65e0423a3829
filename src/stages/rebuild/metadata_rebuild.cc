#include "stages/rebuild/metadata_rebuild.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/failpoint.h"
#include "platform/commit/lake_binding.h"
#include "platform/commit/quiet_lake.h"
#include "stages/rebuild/silver_inventory.h"

namespace cdclake::rebuild {
namespace {

using metadata::MetadataStore;
using metadata::RebuiltStore;

/// The file itself, by whatever symbolic link it was named.
std::string real_path(const std::string& path) {
  std::error_code error;
  const std::string real = std::filesystem::weakly_canonical(path, error);
  return error ? path : real;
}

/// `20261124T110412Z`.
std::string digits_of(WallTime time) {
  std::string text = utc_timestamp(std::chrono::floor<std::chrono::seconds>(time));
  text.resize(text.find('.') == std::string::npos ? text.size() : text.find('.'));
  std::erase_if(text, [](char sign) { return sign == '-' || sign == ':' || sign == 'Z'; });
  return text + "Z";
}

/// A store that is somebody else's is not replaced. One that cannot be read is what we are here
/// for.
Status check_ours(const std::string& path, const std::string& bronze_id, const Clock& clock) {
  const Status judged = MetadataStore::judge(path);
  if (!judged && judged.error().kind == ErrorKind::kInvalidConfig) return judged;
  auto store = MetadataStore::open(path, metadata::Access::kReadOnly, clock);
  if (!store) return {};
  const auto bound = store->bound_lake(lake::Root::kBronze);
  if (!bound || !*bound || **bound == bronze_id) return {};
  return fail(ErrorKind::kInvalidConfig,
              "there is the metadata store of another lake; it is not replaced (set METADATA_DB to "
              "where this lake's store shall be): METADATA_DB=" +
                  path);
}

metadata::Run run_of_rebuild(const Clock& clock) {
  metadata::Run run;
  run.id = RunId(random_hex_id());
  run.job = "rebuild";
  run.started_us = clock.now().time_since_epoch().count();
  run.ended_us = run.started_us;
  run.status = metadata::RunStatus::kSuccess;
  run.ingestion_date = utc_date(clock.now());
  run.details = "{}";
  return run;
}

Result<RebuiltStore> gather(lake::LakeFs& fs, const commit::QuietLake& quiet, const Clock& clock,
                            const Progress& progress) {
  CDCLAKE_ASSIGN_OR_RETURN(auto bronze, take_bronze_inventory(fs, progress));
  if (bronze.files.empty()) {
    return fail(ErrorKind::kInvalidConfig,
                "there is nothing to rebuild from: Bronze holds no files: BRONZE_BASE_PATH=" +
                    fs.absolute({lake::Root::kBronze, ""}));
  }
  RebuiltStore rebuilt;
  CDCLAKE_ASSIGN_OR_RETURN(rebuilt.bronze_id, lake::lake_id(fs, lake::Root::kBronze));
  rebuilt.epochs = quiet.epochs();
  rebuilt.runs = std::move(bronze.runs);
  rebuilt.files = std::move(bronze.files);
  rebuilt.gaps = std::move(bronze.gaps);
  rebuilt.rebuild = run_of_rebuild(clock);
  CDCLAKE_ASSIGN_OR_RETURN(auto types, read_outside_types(fs));
  rebuilt.schema_files = std::move(types.files);
  rebuilt.tables = std::move(types.tables);
  CDCLAKE_ASSIGN_OR_RETURN(auto old_sides, list_old_sides(fs));
  rebuilt.asides = std::move(old_sides.asides);
  for (const auto& [role, epoch] : old_sides.epochs) {
    rebuilt.epochs[role] = std::max(rebuilt.epochs[role], epoch);
  }
  CDCLAKE_ASSIGN_OR_RETURN(rebuilt.files_named, commit::noted_files_named(fs));
  return rebuilt;
}

MetadataReport report_of(const RebuiltStore& rebuilt) {
  MetadataReport report;
  std::set<model::PartitionId> partitions;
  for (const metadata::RebuiltFile& file : rebuilt.files) {
    ++report.files;
    report.bytes += file.bronze.file.bytes;
    report.records += file.bronze.file.rows;
    for (const auto& segment : file.bronze.segments) partitions.insert(segment.partition);
  }
  report.partitions = static_cast<std::int64_t>(partitions.size());
  report.gaps = rebuilt.gaps;
  return report;
}

/// Of a rebuild that died, too.
void remove_unfinished(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"-wal", "-shm", ""}) std::filesystem::remove(path + suffix, ignored);
}

Status fill(const std::string& path, const RebuiltStore& rebuilt, const Clock& clock) {
  remove_unfinished(path);
  CDCLAKE_ASSIGN_OR_RETURN(auto store,
                           MetadataStore::open(path, metadata::Access::kReadWrite, clock));
  return store.fill(rebuilt);
}

Status move_silver(lake::LakeFs& fs, const std::vector<MovedFolder>& folders) {
  for (const MovedFolder& folder : folders) {
    CDCLAKE_RETURN_IF_ERROR(fs.rename(folder.from, folder.to));
    failpoint("rebuild.folder_moved");
  }
  if (folders.empty()) return {};
  CDCLAKE_RETURN_IF_ERROR(fs.sync_folder(folders.front().to.parent()));
  return fs.sync_folder({lake::Root::kSilver, ""});
}

}  // namespace

/// The durable steps, in order.
Result<MetadataReport> rebuild_metadata(lake::LakeFs& fs, const std::string& store_path,
                                        const Clock& clock, const Progress& progress) {
  const std::string path = real_path(store_path);
  CDCLAKE_ASSIGN_OR_RETURN(const auto quiet, commit::QuietLake::take(path));
  CDCLAKE_ASSIGN_OR_RETURN(const auto id, lake::lake_id(fs, lake::Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(check_ours(path, id, clock));
  CDCLAKE_ASSIGN_OR_RETURN(RebuiltStore rebuilt, gather(fs, quiet, clock, progress));
  CDCLAKE_ASSIGN_OR_RETURN(const auto silver, folders_to_move(fs));
  for (const MovedFolder& folder : silver) {
    rebuilt.asides.push_back({metadata::Role::kSilverMerge, folder.to});
  }
  MetadataReport report = report_of(rebuilt);
  report.moved_silver = !silver.empty();

  const std::string filled = path + ".rebuild";
  CDCLAKE_RETURN_IF_ERROR(fill(filled, rebuilt, clock));
  failpoint("rebuild.store_filled");  // Crash: the old store as it was; the new one is made again.
  std::error_code ignored;
  const std::string kept = path + ".before-rebuild." + digits_of(clock.now());
  if (std::filesystem::exists(path, ignored)) report.kept = kept;
  CDCLAKE_RETURN_IF_ERROR(MetadataStore::put_in_place(filled, path, kept));
  failpoint("rebuild.store_in_place");  // Crash: Silver is filled and not the store's; refused.
  CDCLAKE_RETURN_IF_ERROR(move_silver(fs, silver));
  CDCLAKE_ASSIGN_OR_RETURN(auto store,
                           MetadataStore::open(path, metadata::Access::kReadWrite, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto lease,
                           store.take_lease(metadata::Role::kUpkeep, "a rebuild",
                                            rebuilt.epochs[metadata::Role::kUpkeep]));
  CDCLAKE_RETURN_IF_ERROR(commit::bind_lake(fs, store, lease));
  CDCLAKE_RETURN_IF_ERROR(commit::note_files_named(fs, store));  // No store from before is taken.
  return report;
}

}  // namespace cdclake::rebuild
