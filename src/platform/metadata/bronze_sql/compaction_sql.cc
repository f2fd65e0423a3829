#include "platform/metadata/bronze_sql/compaction_sql.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/assert.h"
#include "platform/metadata/bronze_sql/bronze_sql.h"
#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"

namespace cdclake::metadata {
namespace {

struct Folder {
  std::int64_t run_key = 0;
  std::vector<StoredBronzeFile> parts;  ///< Live, in commit order.
};

tl::unexpected<Error> refuse(ErrorKind kind, const std::string& why,
                             const CompactionCommit& commit) {
  return fail(kind, "cannot record a compaction: " + why + ": " + commit.view.folder.relative);
}

Result<Folder> load_folder(Database& database, const CompactionCommit& commit) {
  Folder folder;
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto run_key,
      find_integer(database, "SELECT run_key FROM run WHERE run_id = ? AND status <> 'RUNNING'",
                   commit.run.value));
  if (!run_key) return refuse(ErrorKind::kConflict, "its run has not ended", commit);
  folder.run_key = *run_key;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement keys,
      Statement::prepare(
          database,
          "SELECT f.file_key, f.path FROM file f JOIN bronze_file b USING (file_key) "
          "WHERE f.run_key = ? AND f.kind = 'bronze_part' "
          "AND f.state IN ('prepared', 'published') "
          "ORDER BY b.commit_order, f.file_key"));
  CDCLAKE_RETURN_IF_ERROR(keys.start(*run_key));
  CDCLAKE_ASSIGN_OR_RETURN(folder.parts, load_bronze_files(database, keys));
  std::erase_if(folder.parts, [&](const StoredBronzeFile& part) {
    return part.path.parent() != commit.view.folder;
  });
  return folder;
}

Status check_same_files(const CompactionCommit& commit, const Folder& folder) {
  std::set<FileId> in_folder;
  for (const StoredBronzeFile& part : folder.parts) in_folder.insert(part.id);
  const std::set<FileId> superseded(commit.superseded.begin(), commit.superseded.end());
  for (const FileId& file : superseded) {
    if (!in_folder.contains(file)) {
      return refuse(ErrorKind::kConflict, "a part is no longer live in the folder", commit);
    }
  }
  if (in_folder.size() != superseded.size()) {
    return refuse(ErrorKind::kCorrupt, "the folder holds parts that it would leave out", commit);
  }
  return {};
}

Status check_same_segments(const CompactionCommit& commit, const Folder& folder) {
  const auto key = [](const model::Segment& segment) {
    return std::tie(segment.partition, segment.range.first);
  };
  std::vector<model::Segment> before;
  for (const StoredBronzeFile& part : folder.parts) {
    if (part.topic != commit.compacted.topic) {
      return refuse(ErrorKind::kCorrupt, "the folder holds a part of another topic", commit);
    }
    before.insert(before.end(), part.segments.begin(), part.segments.end());
  }
  std::vector<model::Segment> after = commit.compacted.segments;
  std::ranges::sort(before, {}, key);
  std::ranges::sort(after, {}, key);
  if (before != after) {
    return refuse(ErrorKind::kCorrupt,
                  "the new file does not hold exactly the segments of the parts", commit);
  }
  std::int64_t records = 0;
  for (const model::Segment& segment : after) records += segment.record_count;
  if (records == commit.compacted.file.rows) return {};
  return refuse(ErrorKind::kCorrupt, "rows and records differ", commit);
}

/// The new file stands where the earliest of its parts stood.
Result<std::int64_t> insert_compacted(Database& database, const FileCommit& by,
                                      const CompactionCommit& commit, const Folder& folder) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto first, file_key_of(database, folder.parts.front().id));
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, insert_file(database, by, commit.compacted.file));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database,
               "INSERT INTO bronze_file (file_key, topic_name, commit_order) "
               "SELECT ?, topic_name, commit_order FROM bronze_file WHERE file_key = ?",
               key, first));
  return key;
}

Status move_segments(Database& database, std::int64_t file_key,
                     const std::vector<model::Segment>& segments) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement move,
                           Statement::prepare(database,
                                              "UPDATE segment SET file_key = ?, place = ? "
                                              "WHERE partition_key = ? AND first_offset = ?"));
  std::int64_t place = 0;
  for (const model::Segment& segment : segments) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, find_partition_key(database, segment.partition));
    CDCLAKE_RETURN_IF_ERROR(move.run(file_key, place++, partition, segment.range.first));
  }
  return {};
}

Result<std::vector<StoredBronzeFile>> live_parts_of_ended_runs(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement keys,
      Statement::prepare(database,
                         "SELECT f.file_key FROM file f JOIN bronze_file b USING (file_key) "
                         "JOIN run r USING (run_key) WHERE f.kind = 'bronze_part' "
                         "AND f.state IN ('prepared', 'published') AND r.status <> 'RUNNING' "
                         "ORDER BY b.commit_order, f.file_key"));
  CDCLAKE_RETURN_IF_ERROR(keys.start());
  return load_bronze_files(database, keys);
}

Result<std::set<FileId>> prepared_parts(Database& database) {
  std::set<FileId> ids;
  CDCLAKE_ASSIGN_OR_RETURN(Statement query,
                           Statement::prepare(database,
                                              "SELECT file_id FROM file WHERE "
                                              "state = 'prepared' AND kind = 'bronze_part'"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return ids;
    ids.insert(FileId(query.text(0)));
  }
}

}  // namespace

Status commit_compaction(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                         const CompactionCommit& commit) {
  CDCLAKE_ASSERT(lease.role == Role::kBronzeCompact);
  CDCLAKE_ASSERT(!commit.superseded.empty());
  CDCLAKE_ASSERT(commit.compacted.file.final_path.parent() == commit.view.folder);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const Folder folder, load_folder(database, commit));
  CDCLAKE_RETURN_IF_ERROR(check_same_files(commit, folder));
  CDCLAKE_RETURN_IF_ERROR(check_same_segments(commit, folder));
  const FileCommit by{lease.role, folder.run_key, now_us};
  CDCLAKE_ASSIGN_OR_RETURN(const auto compacted, insert_compacted(database, by, commit, folder));
  CDCLAKE_RETURN_IF_ERROR(move_segments(database, compacted, commit.compacted.segments));
  for (const StoredBronzeFile& part : folder.parts) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, file_key_of(database, part.id));
    CDCLAKE_RETURN_IF_ERROR(supersede_file(database, by, key, &commit.view.folder));
  }
  CDCLAKE_RETURN_IF_ERROR(save_folder_view(database, now_us, lease.role, commit.view));
  return std::move(work).commit();
}

Result<std::vector<CompactableFolder>> compactable_folders(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(auto parts, live_parts_of_ended_runs(database));
  CDCLAKE_ASSIGN_OR_RETURN(const auto prepared, prepared_parts(database));
  std::vector<CompactableFolder> folders;
  std::map<lake::LakePath, std::size_t> places;
  std::set<lake::LakePath> unfinished;
  for (StoredBronzeFile& part : parts) {
    const lake::LakePath path = part.path.parent();
    if (prepared.contains(part.id)) unfinished.insert(path);
    const auto [place, is_new] = places.try_emplace(path, folders.size());
    if (is_new) folders.push_back({part.run, part.topic, path, {}});
    folders[place->second].parts.push_back(std::move(part));
  }
  std::erase_if(
      folders, [&](const CompactableFolder& folder) { return unfinished.contains(folder.folder); });
  return folders;
}

}  // namespace cdclake::metadata
