#include "platform/metadata/house_sql/source_stop_sql.h"

#include <utility>

#include "base/assert.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {

Status record_stops(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    std::span<const model::PartitionStop> stops) {
  CDCLAKE_ASSERT(lease.role == Role::kBronzeWrite);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_RETURN_IF_ERROR(run_once(database, "DELETE FROM source_stop"));
  PartitionKeys partitions(database, now_us);
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement save,
      Statement::prepare(database,
                         "INSERT INTO source_stop (partition_key, first_offset, next_offset, "
                         "reason, message, recorded_us) VALUES (?, ?, ?, ?, ?, ?)"));
  for (const model::PartitionStop& stop : stops) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto key, partitions.key_of(stop.partition));
    CDCLAKE_RETURN_IF_ERROR(
        save.run(key, stop.range.first, stop.range.next, stop.reason, stop.message, now_us));
  }
  return std::move(work).commit();
}

Result<std::vector<model::PartitionStop>> source_stops(Database& database) {
  std::vector<model::PartitionStop> stops;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, s.first_offset, s.next_offset, s.reason, "
          "s.message FROM source_stop s JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) ORDER BY t.name, t.topic_key, p.number"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return stops;
    stops.push_back({.partition = partition_at(query, 0),
                     .range = {query.integer(3), query.integer(4)},
                     .reason = query.text(5),
                     .message = query.text(6)});
  }
}

}  // namespace cdclake::metadata
