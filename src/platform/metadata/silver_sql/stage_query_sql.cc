#include "platform/metadata/silver_sql/stage_query_sql.h"

#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Result<std::vector<StageFile::Range>> load_ranges(Statement& query, std::int64_t file_key) {
  std::vector<StageFile::Range> ranges;
  CDCLAKE_RETURN_IF_ERROR(query.start(file_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return ranges;
    ranges.push_back({partition_at(query, 0), {query.integer(3), query.integer(4)}});
  }
}

}  // namespace

Result<std::vector<model::Position>> stage_positions(Database& database) {
  return read_positions(
      database,
      "SELECT t.name, t.incarnation, p.number, s.next_offset FROM stage_position s "
      "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) "
      "ORDER BY t.name, t.topic_key, p.number");
}

Result<std::vector<StageWait>> stage_waits(Database& database) {
  std::vector<StageWait> waits;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, w.\"offset\", w.source, "
          "w.database_name, w.schema_name, w.table_name, w.need FROM stage_wait w "
          "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) "
          "ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return waits;
    waits.push_back({partition_at(query, 0),
                     query.integer(3),
                     {query.text(4), query.text(5), query.text(6), query.text(7)},
                     query.text(8)});
  }
}

Result<std::vector<PartitionCounts>> partition_counts(Database& database) {
  std::vector<PartitionCounts> counts;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, "
          "(SELECT coalesce(sum(s.record_count), 0) FROM segment s WHERE s.partition_key = "
          "b.partition_key), "
          "coalesce(sum(r.row_count), 0), coalesce(sum(r.quarantined), 0), coalesce(sum(r.no_row), "
          "0) "
          "FROM bronze_position b JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) LEFT JOIN stage_range r USING (partition_key) "
          "GROUP BY b.partition_key ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return counts;
    counts.push_back({partition_at(query, 0), query.integer(3), query.integer(4), query.integer(5),
                      query.integer(6)});
  }
}

Result<std::vector<StageBatchEnd>> stage_batch_ends(Database& database, TableKey table,
                                                    std::int64_t after_batch) {
  std::vector<StageBatchEnd> ends;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT t.name, t.incarnation, p.number, r.batch, max(r.next_offset) "
                         "FROM stage_range r INDEXED BY stage_range_batch "
                         "CROSS JOIN topic_partition p USING (partition_key) "
                         "CROSS JOIN topic t USING (topic_key) "
                         "CROSS JOIN table_topic f ON f.topic_name = t.name AND f.table_key = ? "
                         "WHERE r.batch > ? GROUP BY r.batch, r.partition_key "
                         "ORDER BY r.batch, t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table, after_batch));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return ends;
    ends.push_back({query.integer(3), partition_at(query, 0), query.integer(4)});
  }
}

Result<std::vector<StoredStageFile>> unmerged_stage_files(Database& database, TableKey table) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  std::vector<StoredStageFile> files;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement ranges,
      Statement::prepare(database,
                         "SELECT t.name, t.incarnation, p.number, r.first_offset, r.next_offset "
                         "FROM stage_file_range r JOIN topic_partition p USING (partition_key) "
                         "JOIN topic t USING (topic_key) WHERE r.file_key = ? "
                         "ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT DISTINCT f.file_key, f.file_id, f.root, f.path, f.row_count, c.schema_id, "
          "d.batch, f.committed_us "
          "FROM table_topic tt JOIN topic t ON t.name = tt.topic_name "
          "JOIN topic_partition p USING (topic_key) "
          "LEFT JOIN merge_position m ON m.table_key = tt.table_key AND m.partition_key = "
          "p.partition_key "
          "CROSS JOIN stage_file_range r ON r.table_key = tt.table_key "
          "  AND r.partition_key = p.partition_key AND r.next_offset > coalesce(m.next_offset, 0) "
          "CROSS JOIN stage_file d ON d.file_key = r.file_key "
          "CROSS JOIN file f ON f.file_key = r.file_key AND f.state IN ('prepared', 'published') "
          "JOIN table_schema c USING (schema_key) WHERE tt.table_key = ? ORDER BY d.batch, "
          "f.file_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return files;
    StoredStageFile file;
    file.id = FileId(query.text(1));
    CDCLAKE_ASSIGN_OR_RETURN(file.path.root, from_word<lake::Root>(query.text(2)));
    file.path.relative = query.text(3);
    file.rows = query.integer(4);
    file.schema = model::SchemaId(query.text(5));
    file.batch = query.integer(6);
    file.committed_us = query.integer(7);
    CDCLAKE_ASSIGN_OR_RETURN(file.ranges, load_ranges(ranges, query.integer(0)));
    files.push_back(std::move(file));
  }
}

}  // namespace cdclake::metadata
