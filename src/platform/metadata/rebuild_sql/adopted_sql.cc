#include "platform/metadata/rebuild_sql/adopted_sql.h"

#include <array>
#include <string>
#include <utility>

#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

/// The other store while it is attached as `made`.
class Attached {
 public:
  static Result<Attached> open(Database& database, const std::string& path) {
    CDCLAKE_RETURN_IF_ERROR(run_once(database, "ATTACH ? AS made", path));
    return Attached(database);
  }
  Attached(Attached&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Attached& operator=(Attached&&) = delete;
  ~Attached() {
    if (database_ != nullptr) static_cast<void>(database_->run("DETACH made"));
  }

 private:
  explicit Attached(Database& database) : database_(&database) {}
  Database* database_;
};

/// Numbers are each store's own: whatever is copied is found by its names.
constexpr const char* kMaps = R"sql(
DROP TABLE IF EXISTS temp.of_topic; DROP TABLE IF EXISTS temp.of_table;
DROP TABLE IF EXISTS temp.same_partition; DROP TABLE IF EXISTS temp.same_table;
DROP TABLE IF EXISTS temp.same_schema; DROP TABLE IF EXISTS temp.same_file;
DROP TABLE IF EXISTS temp.numbers;
CREATE TEMP TABLE numbers (run_key INTEGER, batch INTEGER);
CREATE TEMP TABLE of_topic (name TEXT PRIMARY KEY);
CREATE TEMP TABLE of_table (table_key INTEGER PRIMARY KEY);
CREATE TEMP TABLE same_partition (made INTEGER PRIMARY KEY, ours INTEGER UNIQUE);
CREATE TEMP TABLE same_table (made INTEGER PRIMARY KEY, ours INTEGER UNIQUE);
CREATE TEMP TABLE same_schema (made INTEGER PRIMARY KEY, ours INTEGER UNIQUE);
CREATE TEMP TABLE same_file (made INTEGER PRIMARY KEY, ours INTEGER UNIQUE);
)sql";

constexpr const char* kNames = R"sql(
INSERT INTO main.lake_table (source, database_name, schema_name, table_name, path_segment, state,
                             reason, registered_us)
  SELECT source, database_name, schema_name, table_name, path_segment, state, reason, registered_us
  FROM made.lake_table WHERE true ORDER BY table_key
  ON CONFLICT (source, database_name, schema_name, table_name) DO NOTHING;
INSERT INTO main.table_schema (schema_id, source, database_name, schema_name, table_name, saved_us)
  SELECT schema_id, source, database_name, schema_name, table_name, saved_us
  FROM made.table_schema WHERE true ORDER BY schema_key ON CONFLICT (schema_id) DO NOTHING;
INSERT INTO temp.same_partition SELECT p.partition_key, q.partition_key
  FROM made.topic_partition p JOIN made.topic t ON t.topic_key = p.topic_key
  JOIN main.topic u ON u.name = t.name AND u.incarnation = t.incarnation
  JOIN main.topic_partition q ON q.topic_key = u.topic_key AND q.number = p.number;
INSERT INTO temp.same_table SELECT m.table_key, o.table_key
  FROM made.lake_table m JOIN main.lake_table o
  USING (source, database_name, schema_name, table_name);
INSERT INTO temp.same_schema SELECT m.schema_key, o.schema_key
  FROM made.table_schema m JOIN main.table_schema o USING (schema_id);
INSERT INTO temp.same_file SELECT m.file_key, o.file_key
  FROM made.file m JOIN main.file o USING (file_id);
INSERT INTO main.table_schema_column (schema_key, place, name, type, key_place)
  SELECT s.ours, c.place, c.name, c.type, c.key_place
  FROM made.table_schema_column c JOIN temp.same_schema s ON s.made = c.schema_key
  WHERE true ON CONFLICT DO NOTHING;
INSERT INTO temp.of_table SELECT ours FROM temp.same_table WHERE true ON CONFLICT DO NOTHING;
)sql";

/// Old files are out of sight once the folder that they lie in, or are linked into, is swapped.
constexpr const char* kForget = R"sql(
UPDATE main.file SET state = 'superseded', superseded_by = 'silver_stage', superseded_us = NULL,
  superseded_in = (SELECT 'stage_events/table=' || t.path_segment FROM main.stage_file s
    JOIN main.lake_table t USING (table_key) WHERE s.file_key = file.file_key)
  WHERE state IN ('prepared', 'published') AND file_key IN (SELECT file_key FROM main.stage_file
    WHERE table_key IN (SELECT table_key FROM temp.of_table));
UPDATE main.file SET state = 'superseded', superseded_by = 'silver_stage', superseded_us = NULL,
  superseded_in = (SELECT 'stage_events_quarantine/table=' || t.path_segment FROM main.lake_table t
    WHERE instr(file.path, 'stage_events_quarantine/table=' || t.path_segment || '/') = 1)
  WHERE kind = 'quarantine' AND state IN ('prepared', 'published')
    AND EXISTS (SELECT 1 FROM main.lake_table t JOIN temp.of_table o USING (table_key)
      WHERE instr(file.path, 'stage_events_quarantine/table=' || t.path_segment || '/') = 1)
    AND file_key NOT IN (SELECT ours FROM temp.same_file);
UPDATE main.file SET state = 'superseded', superseded_by = 'silver_merge', superseded_us = NULL,
  superseded_in = (SELECT 'current/table=' || t.path_segment FROM main.current_file c
    JOIN main.lake_table t USING (table_key) WHERE c.file_key = file.file_key)
  WHERE file_key IN (SELECT file_key FROM main.current_file
    WHERE table_key IN (SELECT table_key FROM temp.of_table));
DELETE FROM main.stage_file_part WHERE file_key IN (SELECT file_key FROM main.stage_file
  WHERE table_key IN (SELECT table_key FROM temp.of_table));
DELETE FROM main.stage_file_range WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.stage_file WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.current_file WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.merge_position WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.held_back WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.lost_half WHERE table_key IN (SELECT table_key FROM temp.of_table);
DELETE FROM main.table_setting WHERE table_key IN (SELECT table_key FROM temp.of_table);
CREATE TEMP TABLE of_partition AS SELECT partition_key FROM main.topic_partition
  JOIN main.topic USING (topic_key) JOIN temp.of_topic USING (name);
DELETE FROM main.quarantined WHERE partition_key IN (SELECT partition_key FROM temp.of_partition);
DELETE FROM main.stage_range WHERE partition_key IN (SELECT partition_key FROM temp.of_partition);
DELETE FROM main.stage_wait WHERE partition_key IN (SELECT partition_key FROM temp.of_partition);
DELETE FROM main.stage_position WHERE partition_key IN (SELECT partition_key FROM temp.of_partition);
DROP TABLE temp.of_partition;
)sql";

constexpr const char* kStage = R"sql(
INSERT INTO main.stage_batch (batch, run_key, committed_us)
  SELECT b.batch + n.batch, n.run_key, b.committed_us FROM made.stage_batch b, temp.numbers n;
INSERT INTO main.stage_range (partition_key, first_offset, next_offset, batch, row_count, quarantined, no_row)
  SELECT p.ours, r.first_offset, r.next_offset, r.batch + n.batch, r.row_count, r.quarantined,
    r.no_row FROM made.stage_range r JOIN temp.same_partition p ON p.made = r.partition_key,
    temp.numbers n;
INSERT INTO main.stage_file (file_key, table_key, schema_key, event_date, batch)
  SELECT f.ours, t.ours, c.ours, s.event_date, s.batch + n.batch
  FROM made.stage_file s JOIN temp.same_file f ON f.made = s.file_key
  JOIN temp.same_table t ON t.made = s.table_key
  JOIN temp.same_schema c ON c.made = s.schema_key, temp.numbers n;
INSERT INTO main.stage_file_range (file_key, partition_key, table_key, first_offset, next_offset)
  SELECT f.ours, p.ours, t.ours, r.first_offset, r.next_offset
  FROM made.stage_file_range r JOIN temp.same_file f ON f.made = r.file_key
  JOIN temp.same_partition p ON p.made = r.partition_key
  JOIN temp.same_table t ON t.made = r.table_key;
INSERT INTO main.quarantined (partition_key, "offset", batch, reason, detail, table_key, file_key, mended_us)
  SELECT p.ours, q."offset", q.batch + n.batch, q.reason, q.detail, t.ours, f.ours, q.mended_us
  FROM made.quarantined q JOIN temp.same_partition p ON p.made = q.partition_key
  JOIN temp.same_file f ON f.made = q.file_key
  LEFT JOIN temp.same_table t ON t.made = q.table_key, temp.numbers n;
INSERT INTO main.stage_wait (partition_key, "offset", source, database_name, schema_name, table_name, need,
                        recorded_us)
  SELECT p.ours, w."offset", w.source, w.database_name, w.schema_name, w.table_name, w.need,
    w.recorded_us FROM made.stage_wait w JOIN temp.same_partition p ON p.made = w.partition_key;
INSERT INTO main.stage_position (partition_key, next_offset, updated_us)
  SELECT p.ours, s.next_offset, s.updated_us
  FROM made.stage_position s JOIN temp.same_partition p ON p.made = s.partition_key;
INSERT INTO main.table_setting (table_key, name, value)
  SELECT t.ours, s.name, s.value
  FROM made.table_setting s JOIN temp.same_table t ON t.made = s.table_key;
INSERT INTO main.table_topic (table_key, topic_name)
  SELECT t.ours, s.topic_name
  FROM made.table_topic s JOIN temp.same_table t ON t.made = s.table_key
  WHERE true ON CONFLICT DO NOTHING;
UPDATE main.lake_table SET (state, reason) = (SELECT m.state, m.reason
    FROM made.lake_table m JOIN temp.same_table t ON t.made = m.table_key
    WHERE t.ours = lake_table.table_key)
  WHERE table_key IN (SELECT ours FROM temp.same_table);
)sql";

constexpr const char* kCurrent = R"sql(
INSERT INTO main.merge_position (table_key, partition_key, next_offset, updated_us)
  SELECT t.ours, p.ours, m.next_offset, m.updated_us
  FROM made.merge_position m JOIN temp.same_table t ON t.made = m.table_key
  JOIN temp.same_partition p ON p.made = m.partition_key;
INSERT INTO main.current_version (table_key, version, schema_key, run_key, committed_us)
  SELECT t.ours, coalesce((SELECT max(o.version) FROM main.current_version o
      WHERE o.table_key = t.ours), 0) + 1, c.ours, n.run_key, v.committed_us
  FROM made.current_version v JOIN temp.same_table t ON t.made = v.table_key
  JOIN temp.same_schema c ON c.made = v.schema_key, temp.numbers n
  WHERE v.version = (SELECT max(w.version) FROM made.current_version w
      WHERE w.table_key = v.table_key);
INSERT INTO main.current_file (table_key, place, file_key, key_min, key_max, unresolved_rows)
  SELECT t.ours, c.place, f.ours, c.key_min, c.key_max, c.unresolved_rows
  FROM made.current_file c JOIN temp.same_table t ON t.made = c.table_key
  JOIN temp.same_file f ON f.made = c.file_key;
INSERT INTO main.held_back (table_key, place, line)
  SELECT t.ours, h.place, h.line
  FROM made.held_back h JOIN temp.same_table t ON t.made = h.table_key;
INSERT INTO main.lost_half (table_key, partition_key, "offset", lost, recorded_us)
  SELECT t.ours, p.ours, h."offset", h.lost, h.recorded_us
  FROM made.lost_half h JOIN temp.same_table t ON t.made = h.table_key
  JOIN temp.same_partition p ON p.made = h.partition_key;
DROP TABLE temp.numbers; DROP TABLE temp.of_topic; DROP TABLE temp.of_table;
DROP TABLE temp.same_partition; DROP TABLE temp.same_table; DROP TABLE temp.same_schema;
DROP TABLE temp.same_file;
)sql";

Role role_of(FileKind kind) {
  return kind == FileKind::kCurrent ? Role::kSilverMerge : Role::kSilverStage;
}

Status check_epochs(Database& database, const Adoption& adoption) {
  for (const LeaseGrant* lease : {&adoption.stage, &adoption.merge}) {
    CDCLAKE_ASSIGN_OR_RETURN(const LeaseState state, lease_state(database, lease->role));
    if (state.epoch != lease->epoch) {
      return fail(ErrorKind::kConflict, "fenced: another process has taken over the role " +
                                            std::string(to_string(lease->role)) +
                                            ": holder=" + state.holder);
    }
  }
  return {};
}

/// Nothing may be copied in part because a name was not found.
Status check_maps(Database& database) {
  struct Check {
    const char* what;
    const char* sql;
  };
  constexpr std::array kChecks = {
      Check{"a table whose folder belongs to another table",
            "SELECT (SELECT count(*) FROM made.lake_table) = (SELECT count(*) FROM "
            "temp.same_table)"},
      Check{"a partition that the lake does not know",
            "SELECT NOT EXISTS (SELECT 1 FROM made.stage_position WHERE partition_key NOT IN "
            "(SELECT made FROM temp.same_partition))"},
      Check{"a file that was not handed over",
            "SELECT NOT EXISTS (SELECT 1 FROM (SELECT file_key FROM made.stage_file UNION SELECT "
            "file_key FROM made.quarantined UNION SELECT file_key FROM made.current_file) "
            "WHERE file_key NOT IN (SELECT made FROM temp.same_file))"},
      Check{"less of a partition than was staged (its types are missing: give the catalog and the "
            "connector's settings of the runs before)",
            "SELECT NOT EXISTS (SELECT 1 FROM main.stage_position s JOIN main.topic_partition p "
            "USING (partition_key) JOIN main.topic USING (topic_key) JOIN temp.of_topic USING "
            "(name) LEFT JOIN temp.same_partition q ON q.ours = s.partition_key LEFT JOIN "
            "made.stage_position m ON m.partition_key = q.made WHERE s.next_offset > "
            "coalesce(m.next_offset, 0))"},
      Check{"no version of a table that has one: an event stops it, or none can be a row",
            "SELECT NOT EXISTS (SELECT 1 FROM main.current_version v JOIN temp.of_table o USING "
            "(table_key) LEFT JOIN temp.same_table t ON t.ours = v.table_key WHERE NOT EXISTS "
            "(SELECT 1 FROM made.current_version w WHERE w.table_key = t.made))"}};
  for (const Check& check : kChecks) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto holds, find_integer(database, check.sql));
    if (holds == 1) continue;
    return fail(ErrorKind::kConflict,
                std::string("cannot put the tables that were made again in place, nothing was "
                            "changed: there is ") +
                    check.what);
  }
  return {};
}

Status save_views(Database& database, std::int64_t now_us, const Adoption& adoption) {
  for (const FolderView& view : adoption.stage_views) {
    CDCLAKE_RETURN_IF_ERROR(save_folder_view(database, now_us, Role::kSilverStage, view));
  }
  for (const FolderView& view : adoption.current_views) {
    CDCLAKE_RETURN_IF_ERROR(save_folder_view(database, now_us, Role::kSilverMerge, view));
  }
  return {};
}

}  // namespace

Status adopt_tables(Database& database, std::int64_t now_us, const Adoption& adoption) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto attached, Attached::open(database, adoption.store_path));
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kWrite));
  CDCLAKE_RETURN_IF_ERROR(check_epochs(database, adoption));
  CDCLAKE_ASSIGN_OR_RETURN(const auto run_key, open_run_key(database, adoption.run));
  CDCLAKE_RETURN_IF_ERROR(database.run(kMaps));
  for (const std::string& topic : adoption.topics) {
    CDCLAKE_RETURN_IF_ERROR(run_once(database, "INSERT INTO temp.of_topic VALUES (?)", topic));
  }
  for (const TableKey table : adoption.tables) {
    CDCLAKE_RETURN_IF_ERROR(run_once(database, "INSERT INTO temp.of_table VALUES (?)", table));
  }
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   "INSERT INTO temp.numbers SELECT ?, coalesce(max(batch), 0) "
                                   "FROM main.stage_batch",
                                   run_key));
  for (const PreparedFile& file : adoption.files) {
    CDCLAKE_RETURN_IF_ERROR(insert_file(database, {role_of(file.kind), run_key, now_us}, file));
  }
  CDCLAKE_RETURN_IF_ERROR(database.run(kNames));
  CDCLAKE_RETURN_IF_ERROR(check_maps(database));
  CDCLAKE_RETURN_IF_ERROR(database.run(kForget));
  CDCLAKE_RETURN_IF_ERROR(database.run(kStage));
  CDCLAKE_RETURN_IF_ERROR(database.run(kCurrent));
  CDCLAKE_RETURN_IF_ERROR(save_views(database, now_us, adoption));
  return std::move(work).commit();
}

}  // namespace cdclake::metadata
