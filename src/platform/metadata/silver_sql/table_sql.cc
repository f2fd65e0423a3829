#include "platform/metadata/silver_sql/table_sql.h"

#include "base/shortened.h"
#include "platform/lake/lake_path.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

std::string whole_name(const model::TableId& id) {
  return shortened(id.source) + "/" + shortened(id.database) + "/" + id.display();
}

Status add_details(Database& database, Table& table) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement topics,
      Statement::prepare(database,
                         "SELECT topic_name FROM table_topic WHERE table_key = ? ORDER BY 1"));
  CDCLAKE_RETURN_IF_ERROR(topics.start(table.key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool more, topics.next());
    if (!more) break;
    table.topics.push_back(topics.text(0));
  }
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement settings,
      Statement::prepare(database, "SELECT name, value FROM table_setting WHERE table_key = ?"));
  CDCLAKE_RETURN_IF_ERROR(settings.start(table.key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool more, settings.next());
    if (!more) return {};
    table.outside_settings.emplace(settings.text(0), settings.text(1));
  }
}

/// Ends the iteration when `query` has no more rows.
Result<std::vector<Table>> read_tables(Database& database, Statement& query) {
  std::vector<Table> found;
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return found;
    Table table;
    table.key = query.integer(0);
    table.id = {query.text(1), query.text(2), query.text(3), query.text(4)};
    table.path_segment = query.text(5);
    CDCLAKE_ASSIGN_OR_RETURN(table.state, from_word<TableState>(query.text(6)));
    table.reason = query.text(7);
    CDCLAKE_RETURN_IF_ERROR(add_details(database, table));
    found.push_back(std::move(table));
  }
}

Result<std::vector<Table>> tables_at(Database& database, const std::string& path_segment) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT table_key, source, database_name, schema_name, table_name, "
                         "path_segment, state, reason FROM lake_table WHERE path_segment = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(path_segment));
  return read_tables(database, query);
}

Status insert_table(Database& database, const TableSighting& sighting, const std::string& segment) {
  const model::TableId& id = sighting.id;
  return run_once(
      database,
      "INSERT INTO lake_table (source, database_name, schema_name, table_name, "
      "path_segment, state, reason, registered_us) VALUES (?, ?, ?, ?, ?, 'active', '', ?)",
      id.source, id.database, id.schema, id.table, segment, sighting.now_us);
}

}  // namespace

Result<Table> register_table(Database& database, const LeaseGrant& lease,
                             const TableSighting& sighting) {
  const std::string segment = lake::encode_table_segment(sighting.id.schema, sighting.id.table);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(auto there, tables_at(database, segment));
  if (there.empty()) {
    CDCLAKE_RETURN_IF_ERROR(insert_table(database, sighting, segment));
    CDCLAKE_ASSIGN_OR_RETURN(there, tables_at(database, segment));
  } else if (there.front().id != sighting.id) {
    return fail(
        ErrorKind::kInvalidConfig,
        "two tables would share a folder in Silver (keep each database in a lake of its own): " +
            whole_name(sighting.id) + " and " + whole_name(there.front().id));
  }
  CDCLAKE_RETURN_IF_ERROR(add_table_topic(database, there.front().key, sighting.topic));
  CDCLAKE_ASSIGN_OR_RETURN(there, tables_at(database, segment));
  CDCLAKE_RETURN_IF_ERROR(std::move(work).commit());
  return std::move(there.front());
}

Status add_table_topic(Database& database, TableKey table, const std::string& topic) {
  return run_once(
      database,
      "INSERT INTO table_topic (table_key, topic_name) VALUES (?, ?) ON CONFLICT DO NOTHING", table,
      topic);
}

Result<std::vector<Table>> tables(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT table_key, source, database_name, schema_name, table_name, "
                         "path_segment, state, reason FROM lake_table ORDER BY table_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  return read_tables(database, query);
}

Status set_table_state(Database& database, const LeaseGrant& lease, const Table& table) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "UPDATE lake_table SET state = ?, reason = ? WHERE table_key = ?",
               to_word(table.state), table.reason, table.key));
  return std::move(work).commit();
}

Status add_outside_settings(Database& database, TableKey table,
                            const std::map<std::string, std::string>& settings) {
  for (const auto& [name, value] : settings) {
    CDCLAKE_RETURN_IF_ERROR(
        run_once(database, "INSERT INTO table_setting (table_key, name, value) VALUES (?, ?, ?)",
                 table, name, value));
  }
  return {};
}

}  // namespace cdclake::metadata
