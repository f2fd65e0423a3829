#include "platform/metadata/house_sql/source_end_sql.h"

#include <utility>

#include "base/assert.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {

Status record_ends(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                   std::span<const model::PartitionEnd> ends) {
  CDCLAKE_ASSERT(lease.role == Role::kBronzeWrite);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  PartitionKeys partitions(database, now_us);
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement save,
      Statement::prepare(database,
                         "INSERT INTO source_end (partition_key, next_offset, seen_us) "
                         "VALUES (?, ?, ?) ON CONFLICT (partition_key) DO UPDATE SET "
                         "next_offset = excluded.next_offset, seen_us = excluded.seen_us"));
  for (const model::PartitionEnd& end : ends) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, partitions.key_of(end.partition));
    CDCLAKE_RETURN_IF_ERROR(save.run(key, end.next_offset, end.seen_us));
  }
  return std::move(work).commit();
}

Result<std::vector<model::PartitionEnd>> source_ends(Database& database) {
  std::vector<model::PartitionEnd> ends;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT t.name, t.incarnation, p.number, e.next_offset, e.seen_us "
                         "FROM source_end e JOIN topic_partition p USING (partition_key) "
                         "JOIN topic t USING (topic_key) ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return ends;
    ends.push_back({partition_at(query, 0), query.integer(3), query.integer(4)});
  }
}

}  // namespace cdclake::metadata
