#include "platform/metadata/silver_sql/stage_sql.h"

#include <set>

#include "base/assert.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/house_sql/position_move_sql.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/silver_sql/table_schema_sql.h"
#include "platform/metadata/silver_sql/table_sql.h"
#include "platform/metadata/store_language/coverage.h"

namespace cdclake::metadata {
namespace {

/// One commit of the stage while it is being recorded.
struct Recording {
  Database& database;
  FileCommit by;
  std::int64_t batch = 0;
  PartitionKeys partitions;
};

/// Where the segment begins that an offset cuts; the offset itself where it cuts none.
Result<std::int64_t> start_of_segment(Database& database, std::int64_t partition,
                                      std::int64_t offset) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto start,
      find_integer(database,
                   "SELECT first_offset FROM segment WHERE partition_key = ?1 AND first_offset = "
                   "(SELECT max(first_offset) FROM segment WHERE partition_key = ?1 AND "
                   "first_offset < ?2) AND next_offset > ?2",
                   partition, offset));
  return start.value_or(offset);
}

/// The last offset at or before `offset`, up to which all is staged, that cuts neither a segment
/// nor a staged range.
Result<std::int64_t> common_boundary(Database& database, std::int64_t partition,
                                     std::int64_t offset) {
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto start, start_of_segment(database, partition, offset));
    if (start == offset) return start;
    CDCLAKE_ASSIGN_OR_RETURN(const auto range,
                             find_integer(database,
                                          "SELECT max(first_offset) FROM stage_range WHERE "
                                          "partition_key = ? AND first_offset <= ?",
                                          partition, start));
    offset = range.value_or(start);
    if (offset == start) return start;
  }
}

/// Compares the counts with Bronze wherever a range ends between segments: inside of one only the
/// records could tell, so what was staged of a segment before counts with its rest.
Status check_against_bronze(Database& database, std::int64_t partition, const StagedRange& range) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto cut, start_of_segment(database, partition, range.move.next));
  if (cut < range.move.next) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const auto first,
                           common_boundary(database, partition, range.move.expected));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto before,
      find_integer(database,
                   "SELECT coalesce(sum(row_count + quarantined + no_row), 0) FROM stage_range "
                   "WHERE partition_key = ? AND first_offset >= ? AND first_offset < ?",
                   partition, first, range.move.expected));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto records,
      find_integer(database,
                   "SELECT coalesce(sum(record_count), 0) FROM segment WHERE "
                   "partition_key = ? AND first_offset >= ? AND first_offset < ?",
                   partition, first, range.move.next));
  const std::int64_t counted = before.value_or(0) + range.rows + range.quarantined + range.no_row;
  if (records == counted) return {};
  return fail(ErrorKind::kCorrupt,
              "a commit does not add up: records in Bronze=" + std::to_string(records.value_or(0)) +
                  " staged=" + std::to_string(counted) + " partition=" +
                  describe(range.move.partition) + " from=" + std::to_string(first));
}

Status record_range(Recording& to, const StagedRange& range) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto partition, to.partitions.key_of(range.move.partition));
  CDCLAKE_RETURN_IF_ERROR(check_not_past(to.database, kBronzePosition, range.move, partition));
  CDCLAKE_RETURN_IF_ERROR(
      move_position(to.database, kStagePosition, to.by.now_us, range.move, partition));
  CDCLAKE_RETURN_IF_ERROR(check_against_bronze(to.database, partition, range));
  if (range.move.next == range.move.expected) return {};
  return run_once(
      to.database,
      "INSERT INTO stage_range (partition_key, first_offset, next_offset, batch, row_count, "
      "quarantined, no_row) VALUES (?, ?, ?, ?, ?, ?, ?)",
      partition, range.move.expected, range.move.next, to.batch, range.rows, range.quarantined,
      range.no_row);
}

Status record_file(Recording& to, const StageFile& file) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, insert_file(to.database, to.by, file.file));
  CDCLAKE_ASSIGN_OR_RETURN(const auto schema, schema_key_of(to.database, file.schema));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(to.database,
               "INSERT INTO stage_file (file_key, table_key, schema_key, event_date, batch) "
               "VALUES (?, ?, ?, ?, ?)",
               key, file.table, schema, file.event_date, to.batch));
  for (const StageFile::Range& range : file.ranges) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, to.partitions.key_of(range.partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(to.database,
                 "INSERT INTO stage_file_range (file_key, partition_key, table_key, first_offset, "
                 "next_offset) VALUES (?, ?, ?, ?, ?)",
                 key, partition, file.table, range.offsets.first, range.offsets.next));
    CDCLAKE_RETURN_IF_ERROR(add_table_topic(to.database, file.table, range.partition.topic));
  }
  return {};
}

Status record_quarantined(Recording& to, const QuarantinedRecord& record) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto partition, to.partitions.key_of(record.partition));
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, file_key_of(to.database, record.file));
  return run_once(
      to.database,
      "INSERT INTO quarantined (partition_key, \"offset\", batch, reason, detail, table_key, "
      "file_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
      partition, record.offset, to.batch, record.reason, record.detail, record.table, file);
}

/// A partition that was staged, or is named anew, no longer waits where it waited before.
Status replace_waits(Recording& to, const StageCommit& commit) {
  std::set<model::PartitionId> told;
  for (const StagedRange& range : commit.ranges) told.insert(range.move.partition);
  for (const StageWait& wait : commit.waits) told.insert(wait.partition);
  for (const model::PartitionId& partition : told) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, to.partitions.key_of(partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(to.database, "DELETE FROM stage_wait WHERE partition_key = ?", key));
  }
  for (const StageWait& wait : commit.waits) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, to.partitions.key_of(wait.partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(to.database,
                 "INSERT INTO stage_wait (partition_key, \"offset\", source, database_name, "
                 "schema_name, table_name, need, recorded_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 key, wait.offset, wait.table.source, wait.table.database, wait.table.schema,
                 wait.table.table, wait.need, to.by.now_us));
  }
  return {};
}

Status record_all(Recording& to, const StageCommit& commit) {
  for (const StagedRange& range : commit.ranges) CDCLAKE_RETURN_IF_ERROR(record_range(to, range));
  for (const StageFile& file : commit.files) CDCLAKE_RETURN_IF_ERROR(record_file(to, file));
  for (const auto* files : {&commit.quarantine_files, &commit.schema_files}) {
    for (const PreparedFile& file : *files) {
      CDCLAKE_RETURN_IF_ERROR(insert_file(to.database, to.by, file));
    }
  }
  for (const QuarantinedRecord& record : commit.quarantined) {
    CDCLAKE_RETURN_IF_ERROR(record_quarantined(to, record));
  }
  for (const auto& [table, settings] : commit.outside_settings) {
    CDCLAKE_RETURN_IF_ERROR(add_outside_settings(to.database, table, settings));
  }
  return replace_waits(to, commit);
}

}  // namespace

Status commit_stage(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    const StageCommit& commit) {
  CDCLAKE_ASSERT(lease.role == Role::kSilverStage);
  CDCLAKE_RETURN_IF_ERROR(check_counts(commit));
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const auto run_key, open_run_key(database, commit.run));
  CDCLAKE_ASSIGN_OR_RETURN(const auto last,
                           find_integer(database, "SELECT max(batch) FROM stage_batch"));
  Recording to{database, {lease.role, run_key, now_us}, last.value_or(0) + 1, {database, now_us}};
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "INSERT INTO stage_batch (batch, run_key, committed_us) VALUES (?, ?, ?)",
               to.batch, run_key, now_us));
  CDCLAKE_RETURN_IF_ERROR(record_all(to, commit));
  return std::move(work).commit();
}

}  // namespace cdclake::metadata
