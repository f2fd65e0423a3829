#include "platform/metadata/upkeep_sql/upkeep_commit_sql.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/assert.h"
#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/silver_sql/table_schema_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"
#include "platform/metadata/upkeep_sql/expiry_sql.h"

namespace cdclake::metadata {
namespace {

tl::unexpected<Error> refuse(ErrorKind kind, const std::string& why, const UpkeepCommit& commit) {
  return fail(kind, "cannot record upkeep: " + why + ": " + commit.view.folder.relative);
}

/// The number of a file that may leave the folder now.
Result<std::int64_t> key_of_leaving(Database& database, const UpkeepCommit& commit,
                                    const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(const PreparedFile file, find_file(database, id));
  if (file.final_path.parent() != commit.view.folder) {
    return refuse(ErrorKind::kCorrupt, "a file lies in another folder", commit);
  }
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, file_key_of(database, id));
  CDCLAKE_ASSIGN_OR_RETURN(const bool may_leave, may_leave(database, key));
  if (!may_leave) {
    return refuse(ErrorKind::kConflict, "a file was replaced, or its rows are still to be read",
                  commit);
  }
  return key;
}

/// What the replaced files say of their rows.
struct Replaced {
  std::set<std::int64_t> keys;
  std::int64_t rows = 0;
  std::map<std::int64_t, std::int64_t> rows_of_batch;
};

Status add_batches(Database& database, std::int64_t key, Replaced& replaced) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT batch, row_count FROM stage_file_part WHERE file_key = ?1 "
                         "UNION ALL SELECT d.batch, f.row_count FROM stage_file d "
                         "JOIN file f USING (file_key) WHERE d.file_key = ?1 AND NOT EXISTS "
                         "(SELECT 1 FROM stage_file_part p WHERE p.file_key = ?1)"));
  CDCLAKE_RETURN_IF_ERROR(query.start(key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    replaced.rows_of_batch[query.integer(0)] += query.integer(1);
    replaced.rows += query.integer(1);
  }
}

Result<Replaced> load_replaced(Database& database, const UpkeepCommit& commit) {
  Replaced replaced;
  for (const FileId& id : commit.superseded) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, key_of_leaving(database, commit, id));
    CDCLAKE_ASSIGN_OR_RETURN(
        const auto fits,
        find_integer(database,
                     "SELECT 1 FROM stage_file JOIN table_schema USING (schema_key) WHERE "
                     "file_key = ? AND table_key = ? AND schema_id = ? AND event_date = ?",
                     key, commit.rewritten->table, commit.rewritten->schema.value,
                     commit.rewritten->event_date));
    if (!fits) return refuse(ErrorKind::kCorrupt, "a file holds rows of another kind", commit);
    if (!replaced.keys.insert(key).second) {
      return refuse(ErrorKind::kCorrupt, "it would replace a file twice", commit);
    }
    CDCLAKE_RETURN_IF_ERROR(add_batches(database, key, replaced));
  }
  if (replaced.rows == commit.rewritten->file.rows) return replaced;
  return refuse(ErrorKind::kCorrupt,
                "the new file has " + std::to_string(commit.rewritten->file.rows) +
                    " rows, and those that it replaces " + std::to_string(replaced.rows),
                commit);
}

/// The ranges of the new file reach as far as those of the files before.
Status insert_ranges(Database& database, std::int64_t key, const Replaced& replaced) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::prepare(database,
                         "INSERT INTO stage_file_range (file_key, partition_key, table_key, "
                         "first_offset, next_offset) SELECT ?1, partition_key, table_key, "
                         "first_offset, next_offset FROM stage_file_range WHERE file_key = ?2 "
                         "ON CONFLICT DO UPDATE SET first_offset = min(first_offset, "
                         "excluded.first_offset), next_offset = max(next_offset, "
                         "excluded.next_offset)"));
  for (const std::int64_t old : replaced.keys) CDCLAKE_RETURN_IF_ERROR(insert.run(key, old));
  return {};
}

Status insert_rewritten(Database& database, const FileCommit& by, const UpkeepCommit& commit,
                        const Replaced& replaced) {
  const StageFile& file = *commit.rewritten;
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, insert_file(database, by, file.file));
  CDCLAKE_ASSIGN_OR_RETURN(const auto schema, schema_key_of(database, file.schema));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database,
               "INSERT INTO stage_file (file_key, table_key, schema_key, event_date, batch) "
               "VALUES (?, ?, ?, ?, ?)",
               key, file.table, schema, file.event_date, replaced.rows_of_batch.rbegin()->first));
  CDCLAKE_RETURN_IF_ERROR(insert_ranges(database, key, replaced));
  for (const auto& [batch, rows] : replaced.rows_of_batch) {
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database, "INSERT INTO stage_file_part (file_key, batch, row_count) VALUES (?, ?, ?)", key,
        batch, rows));
  }
  return {};
}

/// The rows of a replaced file are the new one's; nobody finds it any more.
Status take_out(Database& database, const FileCommit& by, const UpkeepCommit& commit,
                std::int64_t key) {
  for (const char* table : {"stage_file_part", "stage_file_range", "stage_file"}) {
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database, ("DELETE FROM " + std::string(table) + " WHERE file_key = ?").c_str(), key));
  }
  return supersede_file(database, by, key, &commit.view.folder);
}

}  // namespace

Status commit_upkeep(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                     const UpkeepCommit& commit) {
  CDCLAKE_ASSERT(lease.role == Role::kUpkeep && !commit.view.leaving.empty());
  CDCLAKE_ASSERT(commit.rewritten.has_value() == !commit.superseded.empty());
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const auto run_key, open_run_key(database, commit.run));
  const FileCommit by{lease.role, run_key, now_us};
  if (commit.rewritten) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto replaced, load_replaced(database, commit));
    CDCLAKE_RETURN_IF_ERROR(insert_rewritten(database, by, commit, replaced));
    for (const std::int64_t key : replaced.keys) {
      CDCLAKE_RETURN_IF_ERROR(take_out(database, by, commit, key));
    }
  }
  for (const FileId& id : commit.expired) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, key_of_leaving(database, commit, id));
    CDCLAKE_RETURN_IF_ERROR(supersede_file(database, by, key, &commit.view.folder));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database, "UPDATE file SET expired_us = ? WHERE file_key = ?", now_us, key));
  }
  CDCLAKE_RETURN_IF_ERROR(save_folder_view(database, now_us, lease.role, commit.view));
  return std::move(work).commit();
}

Result<std::vector<PreparedFile>> live_files_in(Database& database, const lake::LakePath& folder) {
  std::vector<PreparedFile> files;
  // All names below the folder lie between these two: '0' follows '/'.
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT file_id, kind, root, hidden, path, bytes, row_count, content FROM file "
          "WHERE root = ? AND path > ? AND path < ? AND state IN ('prepared', 'published')"));
  CDCLAKE_RETURN_IF_ERROR(
      query.start(to_word(folder.root), folder.relative + "/", folder.relative + "0"));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return files;
    CDCLAKE_ASSIGN_OR_RETURN(auto file, prepared_file_at(query, 0));
    if (file.final_path.parent() == folder) files.push_back(std::move(file));
  }
}

}  // namespace cdclake::metadata
