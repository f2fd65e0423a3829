#pragma once

#include <cstdint>
#include <string>

#include "base/assert.h"
#include "model/partition.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {

/// A table of positions, as a compare-and-set uses it.
struct PositionTable {
  const char* name;
  const char* find;    ///< Next offset; parameters: the row's keys.
  const char* upsert;  ///< Parameters: the row's keys, next offset, time.
};

inline constexpr PositionTable kBronzePosition = {
    "bronze position", "SELECT next_offset FROM bronze_position WHERE partition_key = ?",
    "INSERT INTO bronze_position (partition_key, next_offset, updated_us) VALUES (?1, ?2, ?3) "
    "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, updated_us = "
    "excluded.updated_us"};
inline constexpr PositionTable kStagePosition = {
    "stage position", "SELECT next_offset FROM stage_position WHERE partition_key = ?",
    "INSERT INTO stage_position (partition_key, next_offset, updated_us) VALUES (?1, ?2, ?3) "
    "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, updated_us = "
    "excluded.updated_us"};
inline constexpr PositionTable kMergePosition = {
    "merge position",
    "SELECT next_offset FROM merge_position WHERE table_key = ? AND partition_key = ?",
    "INSERT INTO merge_position (table_key, partition_key, next_offset, updated_us) "
    "VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset, updated_us = "
    "excluded.updated_us"};

/// Moves a position if it is still where the move expects it, else kConflict. Needs the write lock.
template <typename... Keys>
Status move_position(Database& database, const PositionTable& table, std::int64_t now_us,
                     const model::PositionMove& move, const Keys&... keys) {
  CDCLAKE_ASSERT(move.expected >= 0 && move.next >= move.expected);
  CDCLAKE_ASSIGN_OR_RETURN(const auto found, find_integer(database, table.find, keys...));
  const std::int64_t stored = found.value_or(0);
  if (stored != move.expected) {
    return fail(ErrorKind::kConflict, "another process moved the " + std::string(table.name) +
                                          " first: stored=" + std::to_string(stored) +
                                          " expected=" + std::to_string(move.expected) +
                                          " partition=" + describe(move.partition));
  }
  return run_once(database, table.upsert, keys..., move.next, now_us);
}

/// kCorrupt where a position would pass the one that it follows.
template <typename... Keys>
Status check_not_past(Database& database, const PositionTable& leader,
                      const model::PositionMove& move, const Keys&... leader_keys) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto found, find_integer(database, leader.find, leader_keys...));
  if (move.next <= found.value_or(0)) return {};
  return fail(ErrorKind::kCorrupt, "a commit would pass the " + std::string(leader.name) +
                                       ": next=" + std::to_string(move.next) + " " + leader.name +
                                       "=" + std::to_string(found.value_or(0)) +
                                       " partition=" + describe(move.partition));
}

}  // namespace cdclake::metadata
