#include "platform/metadata/bronze_sql/bronze_sql.h"

#include "base/assert.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/house_sql/position_move_sql.h"
#include "platform/metadata/house_sql/run_sql.h"
#include "platform/metadata/store_language/coverage.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Status insert_segments(Database& database, PartitionKeys& partitions, std::int64_t file_key,
                       const std::vector<model::Segment>& segments) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::prepare(
          database,
          "INSERT INTO segment (partition_key, first_offset, next_offset, record_count, "
          "checksum, file_key, place) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  std::int64_t place = 0;
  for (const model::Segment& segment : segments) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, partitions.key_of(segment.partition));
    CDCLAKE_RETURN_IF_ERROR(insert.run(partition, segment.range.first, segment.range.next,
                                       segment.record_count, segment.checksum.to_hex(), file_key,
                                       place++));
  }
  return {};
}

Status insert_gaps(Database& database, std::int64_t now_us, PartitionKeys& partitions,
                   const std::vector<model::Gap>& found) {
  for (const model::Gap& gap : found) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, partitions.key_of(gap.partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database,
                 "INSERT INTO gap (partition_key, first_offset, next_offset, reason, recorded_us) "
                 "VALUES (?, ?, ?, ?, ?)",
                 partition, gap.range.first, gap.range.next, gap.reason, now_us));
  }
  return {};
}

Status insert_bronze_file(Database& database, const FileCommit& by, PartitionKeys& partitions,
                          const BronzeFile& file) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, insert_file(database, by, file.file));
  CDCLAKE_RETURN_IF_ERROR(run_once(
      database, "INSERT INTO bronze_file (file_key, topic_name, commit_order) VALUES (?1, ?2, ?1)",
      key, file.topic));
  return insert_segments(database, partitions, key, file.segments);
}

Result<std::vector<model::Segment>> load_segments(Statement& query, std::int64_t file_key) {
  std::vector<model::Segment> segments;
  CDCLAKE_RETURN_IF_ERROR(query.start(file_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return segments;
    const auto checksum = Hash128::from_hex(query.text(6));
    if (!checksum) {
      return fail(ErrorKind::kCorrupt, "the metadata store holds a segment that cannot be read");
    }
    segments.push_back({partition_at(query, 0),
                        {query.integer(3), query.integer(4)},
                        query.integer(5),
                        *checksum});
  }
}

}  // namespace

Status commit_bronze(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                     const BronzeCommit& commit) {
  CDCLAKE_ASSERT(lease.role == Role::kBronzeWrite);
  CDCLAKE_RETURN_IF_ERROR(check_coverage(commit));
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const auto run_key, open_run_key(database, commit.run));
  PartitionKeys partitions(database, now_us);
  for (const model::PositionMove& move : commit.moves) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto partition, partitions.key_of(move.partition));
    CDCLAKE_RETURN_IF_ERROR(move_position(database, kBronzePosition, now_us, move, partition));
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database, "UPDATE bronze_position SET leader_epoch = ? WHERE partition_key = ?",
                 static_cast<std::int64_t>(move.leader_epoch), partition));
  }
  const FileCommit by{lease.role, run_key, now_us};
  for (const BronzeFile& file : commit.files) {
    CDCLAKE_RETURN_IF_ERROR(insert_bronze_file(database, by, partitions, file));
  }
  CDCLAKE_RETURN_IF_ERROR(insert_gaps(database, now_us, partitions, commit.gaps));
  return std::move(work).commit();
}

Result<std::vector<model::Position>> bronze_positions(Database& database) {
  std::vector<model::Position> positions;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT t.name, t.incarnation, p.number, b.next_offset, b.leader_epoch "
                         "FROM bronze_position b JOIN topic_partition p USING (partition_key) "
                         "JOIN topic t USING (topic_key) ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return positions;
    positions.push_back(
        {partition_at(query, 0), query.integer(3), static_cast<std::int32_t>(query.integer(4))});
  }
}

Result<std::vector<StoredBronzeFile>> load_bronze_files(Database& database, Statement& keys) {
  std::vector<StoredBronzeFile> files;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement one,
      Statement::prepare(database,
                         "SELECT f.file_id, f.root, f.path, r.run_id, b.topic_name, "
                         "f.row_count, f.bytes, f.kind FROM file f "
                         "JOIN bronze_file b USING (file_key) JOIN run r USING (run_key) "
                         "WHERE f.file_key = ?"));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement segments,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, s.first_offset, s.next_offset, "
          "s.record_count, s.checksum FROM segment s "
          "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) "
          "WHERE s.file_key = ? ORDER BY s.place"));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool more, keys.next());
    if (!more) return files;
    CDCLAKE_RETURN_IF_ERROR(one.start(keys.integer(0)));
    CDCLAKE_ASSIGN_OR_RETURN(const bool found, one.next());
    CDCLAKE_ASSERT(found);
    StoredBronzeFile file;
    file.id = FileId(one.text(0));
    CDCLAKE_ASSIGN_OR_RETURN(file.path.root, from_word<lake::Root>(one.text(1)));
    file.path.relative = one.text(2);
    file.run = RunId(one.text(3));
    file.topic = one.text(4);
    file.rows = one.integer(5);
    file.bytes = one.integer(6);
    CDCLAKE_ASSIGN_OR_RETURN(file.kind, from_word<FileKind>(one.text(7)));
    CDCLAKE_ASSIGN_OR_RETURN(file.segments, load_segments(segments, keys.integer(0)));
    files.push_back(std::move(file));
  }
}

Result<std::vector<StoredBronzeFile>> bronze_files_in(Database& database,
                                                      const model::PartitionId& partition,
                                                      const model::OffsetRange& range) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, find_partition_key(database, partition));
  if (!key) return std::vector<StoredBronzeFile>();
  // Segments are disjoint: the last one that begins at or before the range is the first to look at.
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement keys,
      Statement::prepare(database,
                         "SELECT file_key FROM segment JOIN file USING (file_key) "
                         "WHERE partition_key = ?1 AND next_offset > ?2 AND first_offset < ?3 "
                         "AND first_offset >= coalesce((SELECT max(s.first_offset) FROM segment s "
                         "WHERE s.partition_key = ?1 AND s.first_offset <= ?2), ?2) "
                         "AND state IN ('prepared', 'published') "
                         "GROUP BY file_key ORDER BY min(first_offset)"));
  CDCLAKE_RETURN_IF_ERROR(keys.start(*key, range.first, range.next));
  return load_bronze_files(database, keys);
}

Result<std::vector<StoredBronzeFile>> bronze_files_of_run(Database& database, const RunId& run) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement keys,
      Statement::prepare(database,
                         "SELECT file_key FROM run JOIN file USING (run_key) "
                         "JOIN bronze_file USING (file_key) WHERE run_id = ? "
                         "AND state IN ('prepared', 'published') ORDER BY commit_order, file_key"));
  CDCLAKE_RETURN_IF_ERROR(keys.start(run.value));
  return load_bronze_files(database, keys);
}

Result<std::vector<model::Gap>> gaps(Database& database) {
  std::vector<model::Gap> found;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, g.first_offset, g.next_offset, g.reason "
          "FROM gap g JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) "
          "ORDER BY t.name, t.topic_key, p.number, g.first_offset"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return found;
    found.push_back({partition_at(query, 0), {query.integer(3), query.integer(4)}, query.text(5)});
  }
}

}  // namespace cdclake::metadata
