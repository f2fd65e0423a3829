#include "platform/metadata/silver_sql/merge_sql.h"

#include <map>
#include <set>

#include "base/assert.h"
#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/house_sql/position_move_sql.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/silver_sql/table_schema_sql.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

/// What a version may consist of: the files that are live for a table, by id.
struct LiveFile {
  std::int64_t key = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};
using LiveFiles = std::map<FileId, LiveFile>;

tl::unexpected<Error> does_not_add_up(const std::string& what, const TableMerge& merge) {
  return fail(ErrorKind::kCorrupt,
              "a new version of a table does not add up: " + what +
                  ": table_key=" + std::to_string(merge.table) +
                  " version=" + std::to_string(merge.new_version.value_or(merge.expected_version)));
}

Status check_version(Database& database, const TableMerge& merge) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto newest,
      find_integer(database, "SELECT max(version) FROM current_version WHERE table_key = ?",
                   merge.table));
  if (newest.value_or(0) == merge.expected_version) return {};
  return fail(ErrorKind::kConflict,
              "another process published a version of the table first: stored=" +
                  std::to_string(newest.value_or(0)) +
                  " expected=" + std::to_string(merge.expected_version) +
                  " table_key=" + std::to_string(merge.table));
}

Status move_progress(Database& database, std::int64_t now_us, const TableMerge& merge) {
  for (const model::PositionMove& move : merge.moves) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, find_partition_key(database, move.partition));
    if (!partition) {
      return does_not_add_up("progress of a partition that the store does not know", merge);
    }
    CDCLAKE_RETURN_IF_ERROR(check_not_past(database, kStagePosition, move, *partition));
    CDCLAKE_RETURN_IF_ERROR(
        move_position(database, kMergePosition, now_us, move, merge.table, *partition));
  }
  return {};
}

Result<LiveFiles> files_before(Database& database, TableKey table) {
  LiveFiles files;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT file_id, file_key, row_count, bytes FROM current_file "
                         "JOIN file USING (file_key) WHERE table_key = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return files;
    files[FileId(query.text(0))] = {query.integer(1), query.integer(2), query.integer(3)};
  }
}

Status insert_added(Database& database, const FileCommit& by, const TableMerge& merge,
                    LiveFiles& live) {
  for (const PreparedFile& file : merge.added) {
    CDCLAKE_ASSERT(file.kind == FileKind::kCurrent);
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, insert_file(database, by, file));
    live[file.id] = {key, file.rows, file.bytes};
  }
  return {};
}

/// Takes the files of the list out of `live`; what stays in it is not part of the new version.
Status insert_list(Database& database, const TableMerge& merge, LiveFiles& live) {
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "DELETE FROM current_file WHERE table_key = ?", merge.table));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::prepare(database,
                         "INSERT INTO current_file (table_key, place, file_key, key_min, "
                         "key_max, unresolved_rows) VALUES (?, ?, ?, ?, ?, ?)"));
  std::int64_t place = 0;
  for (const CurrentFile& file : merge.files) {
    const auto found = live.extract(file.id);
    if (found.empty()) {
      return does_not_add_up("a file that is neither new nor of the version before", merge);
    }
    if (found.mapped().rows != file.rows || found.mapped().bytes != file.bytes) {
      return does_not_add_up("a file with other rows or bytes than it was committed with", merge);
    }
    CDCLAKE_RETURN_IF_ERROR(insert.run(merge.table, place++, found.mapped().key, Blob{file.key_min},
                                       Blob{file.key_max}, file.unresolved_rows));
  }
  return {};
}

Status supersede(Database& database, const FileCommit& by, const TableMerge& merge,
                 const LiveFiles& left_out) {
  for (const PreparedFile& file : merge.added) {
    if (left_out.contains(file.id)) return does_not_add_up("a new file that it leaves out", merge);
  }
  for (const auto& [id, file] : left_out) {
    CDCLAKE_RETURN_IF_ERROR(
        supersede_file(database, by, file.key, merge.view ? &merge.view->folder : nullptr));
  }
  return {};
}

Status record_version(Database& database, const FileCommit& by, const TableMerge& merge) {
  CDCLAKE_ASSERT(merge.new_version > merge.expected_version);
  CDCLAKE_ASSIGN_OR_RETURN(const auto schema, schema_key_of(database, merge.schema));
  CDCLAKE_RETURN_IF_ERROR(run_once(
      database,
      "INSERT INTO current_version (table_key, version, schema_key, run_key, committed_us) "
      "VALUES (?, ?, ?, ?, ?)",
      merge.table, merge.new_version, schema, by.run_key, by.now_us));
  CDCLAKE_ASSIGN_OR_RETURN(LiveFiles live, files_before(database, merge.table));
  CDCLAKE_RETURN_IF_ERROR(insert_added(database, by, merge, live));
  CDCLAKE_RETURN_IF_ERROR(insert_list(database, merge, live));
  if (merge.view) {
    CDCLAKE_RETURN_IF_ERROR(save_folder_view(database, by.now_us, by.role, *merge.view));
  }
  return supersede(database, by, merge, live);
}

Status replace_held_back(Database& database, const TableMerge& merge) {
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "DELETE FROM held_back WHERE table_key = ?", merge.table));
  std::int64_t place = 0;
  for (const std::string& line : merge.held_back) {
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database, "INSERT INTO held_back (table_key, place, line) VALUES (?, ?, ?)",
                 merge.table, place++, line));
  }
  return {};
}

Status insert_lost_halves(Database& database, std::int64_t now_us, const TableMerge& merge) {
  for (const LostHalf& half : merge.lost_halves) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, find_partition_key(database, half.partition));
    if (!partition) return does_not_add_up("half a key move of an unknown partition", merge);
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database,
                 "INSERT INTO lost_half (table_key, partition_key, \"offset\", lost, recorded_us) "
                 "VALUES (?, ?, ?, ?, ?)",
                 merge.table, *partition, half.offset,
                 half.lost == MoveHalf::kDelete ? "delete" : "create", now_us));
  }
  return {};
}

}  // namespace

Status commit_merge(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    const MergeCommit& commit) {
  CDCLAKE_ASSERT(lease.role == Role::kSilverMerge);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const auto run_key, open_run_key(database, commit.run));
  const FileCommit by{lease.role, run_key, now_us};
  for (const TableMerge& merge : commit.tables) {
    CDCLAKE_RETURN_IF_ERROR(check_version(database, merge));
    CDCLAKE_RETURN_IF_ERROR(move_progress(database, now_us, merge));
    if (merge.new_version) CDCLAKE_RETURN_IF_ERROR(record_version(database, by, merge));
    CDCLAKE_RETURN_IF_ERROR(replace_held_back(database, merge));
    CDCLAKE_RETURN_IF_ERROR(insert_lost_halves(database, now_us, merge));
  }
  return std::move(work).commit();
}

Result<std::vector<model::Position>> merge_positions(Database& database, TableKey table) {
  std::vector<model::Position> positions;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, m.next_offset FROM merge_position m "
          "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) "
          "WHERE m.table_key = ? ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return positions;
    positions.push_back({partition_at(query, 0), query.integer(3)});
  }
}

Result<std::optional<CurrentVersion>> current_version(Database& database, TableKey table) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement newest,
      Statement::prepare(database,
                         "SELECT version, schema_id FROM current_version "
                         "JOIN table_schema USING (schema_key) WHERE table_key = ? "
                         "ORDER BY version DESC LIMIT 1"));
  CDCLAKE_RETURN_IF_ERROR(newest.start(table));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, newest.next());
  if (!found) return std::nullopt;
  CurrentVersion version{newest.integer(0), model::SchemaId(newest.text(1)), {}};
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT file_id, row_count, bytes, key_min, key_max, unresolved_rows "
                         "FROM current_file JOIN file USING (file_key) WHERE table_key = ? "
                         "ORDER BY place"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return version;
    version.files.push_back({FileId(query.text(0)), query.integer(1), query.integer(2),
                             query.text(3), query.text(4), query.integer(5)});
  }
}

Result<std::vector<std::string>> held_back(Database& database, TableKey table) {
  std::vector<std::string> lines;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT line FROM held_back WHERE table_key = ? ORDER BY place"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return lines;
    lines.push_back(query.text(0));
  }
}

}  // namespace cdclake::metadata
