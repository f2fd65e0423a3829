#include "platform/metadata/rebuild_sql/rebuilt_sql.h"

#include "platform/metadata/house_sql/lake_root_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/silver_sql/table_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Status insert_run(Database& database, const Run& run) {
  return run_once(
      database,
      "INSERT INTO run (run_id, job, epoch, started_us, ended_us, status, ingestion_date, details) "
      "VALUES (?, ?, 0, ?, ?, ?, ?, ?)",
      run.id.value, run.job, run.started_us, run.ended_us, to_string(run.status),
      run.ingestion_date, run.details);
}

struct Naming {
  Role role = Role::kBronzeWrite;
  RunId run;
  std::int64_t committed_us = 0;
};

Status insert_published(Database& database, std::int64_t key, const PreparedFile& file,
                        const Naming& by) {
  return run_once(
      database,
      "INSERT INTO file (file_key, file_id, kind, role, run_key, root, hidden, path, bytes, "
      "row_count, content, state, committed_us) SELECT ?, ?, ?, ?, run_key, ?, ?, ?, ?, ?, ?, "
      "'published', ? FROM run WHERE run_id = ?",
      key, file.id.value, to_word(file.kind), to_string(by.role), to_word(file.final_path.root),
      file.hidden.relative, file.final_path.relative, file.bytes, file.rows, file.content.to_hex(),
      by.committed_us, by.run.value);
}

Status insert_segments(Database& database, std::int64_t file_key, const RebuiltFile& file) {
  PartitionKeys partitions(database, file.committed_us);  // Which are first seen then.
  std::int64_t place = 0;
  for (const model::Segment& segment : file.bronze.segments) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, partitions.key_of(segment.partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database,
                 "INSERT INTO segment (partition_key, first_offset, next_offset, record_count, "
                 "checksum, file_key, place) VALUES (?, ?, ?, ?, ?, ?, ?)",
                 partition, segment.range.first, segment.range.next, segment.record_count,
                 segment.checksum.to_hex(), file_key, place++));
  }
  return {};
}

Status insert_bronze(Database& database, std::int64_t& key, const RebuiltStore& rebuilt) {
  for (const RebuiltFile& file : rebuilt.files) {
    const bool is_part = file.bronze.file.kind == FileKind::kBronzePart;
    const Role role = is_part ? Role::kBronzeWrite : Role::kBronzeCompact;
    CDCLAKE_RETURN_IF_ERROR(
        insert_published(database, ++key, file.bronze.file, {role, file.run, file.committed_us}));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database,
                 "INSERT INTO bronze_file (file_key, topic_name, commit_order) VALUES (?1, ?2, ?1)",
                 key, file.bronze.topic));
    CDCLAKE_RETURN_IF_ERROR(insert_segments(database, key, file));
  }
  return {};
}

/// Every position is where the last segment or gap ends.
Status insert_gaps_and_positions(Database& database, std::int64_t now_us,
                                 const RebuiltStore& rebuilt) {
  PartitionKeys partitions(database, now_us);
  for (const model::Gap& gap : rebuilt.gaps) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, partitions.key_of(gap.partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database,
                 "INSERT INTO gap (partition_key, first_offset, next_offset, reason, recorded_us) "
                 "VALUES (?, ?, ?, ?, ?)",
                 partition, gap.range.first, gap.range.next, gap.reason, now_us));
  }
  return run_once(database,
                  "INSERT INTO bronze_position (partition_key, next_offset, updated_us) "
                  "SELECT partition_key, max(next_offset), ? FROM "
                  "(SELECT partition_key, next_offset FROM segment "
                  "UNION ALL SELECT partition_key, next_offset FROM gap) GROUP BY partition_key",
                  now_us);
}

Status insert_types(Database& database, std::int64_t now_us, const RebuiltStore& rebuilt) {
  for (const RebuiltTable& table : rebuilt.tables) {
    const model::TableId& id = table.id;
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database,
        "INSERT INTO lake_table (source, database_name, schema_name, table_name, path_segment, "
        "state, reason, registered_us) VALUES (?, ?, ?, ?, ?, 'active', '', ?)",
        id.source, id.database, id.schema, id.table,
        lake::encode_table_segment(id.schema, id.table), now_us));
    CDCLAKE_ASSIGN_OR_RETURN(
        const auto key, find_integer(database,
                                     "SELECT table_key FROM lake_table WHERE source = ? AND "
                                     "database_name = ? AND schema_name = ? AND table_name = ?",
                                     id.source, id.database, id.schema, id.table));
    CDCLAKE_RETURN_IF_ERROR(add_outside_settings(database, key.value(), table.outside_settings));
  }
  return {};
}

Status insert_house(Database& database, std::int64_t now_us, const RebuiltStore& rebuilt) {
  CDCLAKE_RETURN_IF_ERROR(run_once(database, "INSERT INTO lake_root (root, lake_id) VALUES (?, ?)",
                                   to_word(lake::Root::kBronze), rebuilt.bronze_id));
  for (const auto& [role, epoch] : rebuilt.epochs) {
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database, "INSERT INTO lease (role, epoch, holder, heartbeat_us) VALUES (?, ?, ?, 0)",
        to_string(role), epoch, "a rebuild"));
  }
  for (const RebuiltAside& aside : rebuilt.asides) {
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database, "INSERT INTO aside (root, path, role, since_us) VALUES (?, ?, ?, ?)",
                 to_word(aside.path.root), aside.path.relative, to_string(aside.role), now_us));
  }
  for (const Run& run : rebuilt.runs) CDCLAKE_RETURN_IF_ERROR(insert_run(database, run));
  return insert_run(database, rebuilt.rebuild);
}

}  // namespace

Status fill_store(Database& database, std::int64_t now_us, const RebuiltStore& rebuilt) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kWrite));
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t named, files_named(database));
  if (named > 0) {
    return fail(ErrorKind::kConflict,
                "only an empty metadata store can be filled: METADATA_DB=" + database.path());
  }
  CDCLAKE_RETURN_IF_ERROR(insert_house(database, now_us, rebuilt));
  std::int64_t key = rebuilt.files_named;
  CDCLAKE_RETURN_IF_ERROR(insert_bronze(database, key, rebuilt));
  CDCLAKE_RETURN_IF_ERROR(insert_gaps_and_positions(database, now_us, rebuilt));
  for (const PreparedFile& file : rebuilt.schema_files) {
    CDCLAKE_RETURN_IF_ERROR(
        insert_published(database, ++key, file, {Role::kSilverStage, rebuilt.rebuild.id, now_us}));
  }
  CDCLAKE_RETURN_IF_ERROR(insert_types(database, now_us, rebuilt));
  CDCLAKE_RETURN_IF_ERROR(std::move(work).commit());
  return database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace cdclake::metadata
