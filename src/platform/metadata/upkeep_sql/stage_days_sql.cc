#include "platform/metadata/upkeep_sql/stage_days_sql.h"

#include <algorithm>
#include <string>
#include <utility>

#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/silver_sql/table_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Status load_ranges(Database& database, std::int64_t file_key,
                   std::vector<StageFile::Range>& ranges) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT t.name, t.incarnation, p.number, r.first_offset, r.next_offset "
                         "FROM stage_file_range r JOIN topic_partition p USING (partition_key) "
                         "JOIN topic t USING (topic_key) WHERE r.file_key = ? "
                         "ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start(file_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    ranges.push_back({partition_at(query, 0), {query.integer(3), query.integer(4)}});
  }
}

Status load_files(Database& database, const StageDayKey& day, StageDay& found) {
  const std::string sql =
      "SELECT f.file_key, f.file_id, f.root, f.path, f.row_count, f.bytes, c.schema_id, d.batch, "
      "f.committed_us, b.committed_us, f.state = 'published' AND NOT " +
      std::string(kIsUnmerged) +
      " FROM stage_file d JOIN file f USING (file_key) JOIN stage_batch b USING (batch) "
      "JOIN table_schema c USING (schema_key) "
      "WHERE d.table_key = ? AND d.event_date = ? AND d.schema_key = ? "
      "AND f.state IN ('prepared', 'published') ORDER BY d.batch, f.file_key";
  CDCLAKE_ASSIGN_OR_RETURN(Statement query, Statement::prepare(database, sql.c_str()));
  CDCLAKE_RETURN_IF_ERROR(query.start(day.table, day.event_date, day.schema_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    RewritableFile file;
    file.file.id = FileId(query.text(1));
    CDCLAKE_ASSIGN_OR_RETURN(file.file.path.root, from_word<lake::Root>(query.text(2)));
    file.file.path.relative = query.text(3);
    file.file.rows = query.integer(4);
    file.bytes = query.integer(5);
    file.file.schema = model::SchemaId(query.text(6));
    file.file.batch = query.integer(7);
    file.file.committed_us = query.integer(8);
    file.staged_us = query.integer(9);
    file.is_merged = query.integer(10) != 0;
    CDCLAKE_RETURN_IF_ERROR(load_ranges(database, query.integer(0), file.file.ranges));
    found.files.push_back(std::move(file));
  }
}

}  // namespace

Result<std::vector<StageDayKey>> days_of_small_files(Database& database, std::int64_t small_bytes) {
  std::vector<StageDayKey> days;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT d.table_key, d.schema_key, d.event_date FROM stage_file d "
                         "JOIN file f USING (file_key) WHERE f.state = 'published' "
                         "AND f.bytes < ? GROUP BY d.table_key, d.event_date, d.schema_key "
                         "HAVING count(*) > 1"));
  CDCLAKE_RETURN_IF_ERROR(query.start(small_bytes));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return days;
    days.push_back({query.integer(0), query.integer(1), query.text(2)});
  }
}

Result<StageDay> stage_day(Database& database, const StageDayKey& day) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  StageDay found;
  CDCLAKE_ASSIGN_OR_RETURN(auto known, tables(database));
  const auto table = std::ranges::find(known, day.table, &Table::key);
  if (table == known.end()) {
    return fail(
        ErrorKind::kCorrupt,
        "the metadata store holds staged rows of no table: table_key=" + std::to_string(day.table));
  }
  found.table = std::move(*table);
  found.event_date = day.event_date;
  CDCLAKE_RETURN_IF_ERROR(load_files(database, day, found));
  if (!found.files.empty()) found.schema = found.files.front().file.schema;
  return found;
}

}  // namespace cdclake::metadata
