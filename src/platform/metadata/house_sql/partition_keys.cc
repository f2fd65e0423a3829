#include "platform/metadata/house_sql/partition_keys.h"

namespace cdclake::metadata {

Result<std::int64_t> PartitionKeys::key_of(const model::PartitionId& partition) {
  if (const auto known = known_.find(partition); known != known_.end()) return known->second;
  CDCLAKE_RETURN_IF_ERROR(run_once(database_,
                                   "INSERT INTO topic (name, incarnation, first_seen_us) "
                                   "VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                                   partition.topic, partition.incarnation, now_us_));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database_,
               "INSERT INTO topic_partition (topic_key, number) "
               "SELECT topic_key, ? FROM topic WHERE name = ? AND incarnation = ? "
               "ON CONFLICT DO NOTHING",
               partition.partition, partition.topic, partition.incarnation));
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, find_partition_key(database_, partition));
  return known_.emplace(partition, key.value()).first->second;
}

Result<std::optional<std::int64_t>> find_partition_key(Database& database,
                                                       const model::PartitionId& partition) {
  return find_integer(database,
                      "SELECT partition_key FROM topic_partition JOIN topic USING (topic_key) "
                      "WHERE name = ? AND incarnation = ? AND number = ?",
                      partition.topic, partition.incarnation, partition.partition);
}

model::PartitionId partition_at(const Statement& row, int first_column) {
  return {row.text(first_column), row.text(first_column + 1),
          static_cast<std::int32_t>(row.integer(first_column + 2))};
}

Result<std::vector<model::Position>> read_positions(Database& database, const char* sql) {
  std::vector<model::Position> positions;
  CDCLAKE_ASSIGN_OR_RETURN(Statement query, Statement::prepare(database, sql));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return positions;
    positions.push_back({partition_at(query, 0), query.integer(3)});
  }
}

}  // namespace cdclake::metadata
