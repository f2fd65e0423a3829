#include "platform/metadata/silver_sql/flaw_sql.h"

#include <algorithm>
#include <tuple>

#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

/// A record that names no table may have been of any that its topic feeds.
Status add_quarantined(Database& database, std::vector<Flaw>& found) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, coalesce(q.table_key, f.table_key) AS flawed, "
          "q.\"offset\", q.reason, q.detail "
          "FROM quarantined q JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) "
          "LEFT JOIN table_topic f ON q.table_key IS NULL AND f.topic_name = t.name "
          "WHERE flawed IS NOT NULL AND q.mended_us IS NULL "
          "ORDER BY flawed, t.name, t.topic_key, p.number, q.\"offset\""));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    found.push_back({query.integer(3), partition_at(query, 0), query.integer(4), "QUARANTINED",
                     query.text(5) + ": " + query.text(6)});
  }
}

Status add_gaps(Database& database, std::vector<Flaw>& found) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, f.table_key, g.first_offset, "
          "g.next_offset, g.reason FROM gap g JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) JOIN table_topic f ON f.topic_name = t.name "
          "ORDER BY f.table_key, t.name, t.topic_key, p.number, g.first_offset"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    found.push_back({query.integer(3), partition_at(query, 0), query.integer(4), "GAP",
                     query.text(6) + ": offsets " + query.text(4) + " to " +
                         std::to_string(query.integer(5) - 1)});
  }
}

Status add_lost_halves(Database& database, std::vector<Flaw>& found) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT t.name, t.incarnation, p.number, h.table_key, h.\"offset\", "
          "CASE h.lost WHEN 'create' THEN 'its create under the new key never came, so that row is "
          "missing' ELSE 'the delete of its old key never came' END "
          "FROM lost_half h JOIN topic_partition p USING (partition_key) "
          "JOIN topic t USING (topic_key) "
          "ORDER BY h.table_key, t.name, t.topic_key, p.number, h.\"offset\""));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    found.push_back({query.integer(3), partition_at(query, 0), query.integer(4), "LOST_HALF",
                     "half a key move: " + query.text(5)});
  }
}

Status add_unresolved(Database& database, std::vector<Flaw>& found) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT table_key, sum(unresolved_rows) FROM current_file "
                         "GROUP BY table_key HAVING sum(unresolved_rows) > 0"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    found.push_back({query.integer(0), std::nullopt, 0, "UNRESOLVED_VALUE",
                     "rows with a value that was lost before it reached us: " + query.text(1)});
  }
}

}  // namespace

Result<std::vector<Flaw>> flaws(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  std::vector<Flaw> found;
  CDCLAKE_RETURN_IF_ERROR(add_quarantined(database, found));
  CDCLAKE_RETURN_IF_ERROR(add_gaps(database, found));
  CDCLAKE_RETURN_IF_ERROR(add_lost_halves(database, found));
  CDCLAKE_RETURN_IF_ERROR(add_unresolved(database, found));
  std::ranges::sort(found, {}, [](const Flaw& flaw) {
    return std::tie(flaw.table, flaw.partition, flaw.offset, flaw.cause);
  });
  return found;
}

}  // namespace cdclake::metadata
