#include "platform/metadata/silver_sql/table_schema_sql.h"

#include <map>
#include <utility>

#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/silver_sql/column_type_text.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

Result<std::optional<std::int64_t>> find_schema(Database& database, const model::SchemaId& id) {
  return find_integer(database, "SELECT schema_key FROM table_schema WHERE schema_id = ?",
                      id.value);
}

tl::unexpected<Error> unreadable(const model::SchemaId& id) {
  return fail(ErrorKind::kCorrupt,
              "the metadata store holds no such table schema, or another one "
              "under its id: schema=" +
                  id.value);
}

Status insert_columns(Database& database, std::int64_t schema_key,
                      const model::TableSchema& schema) {
  std::map<std::size_t, std::int64_t> key_places;
  for (const std::size_t column : schema.key_columns) {
    key_places.emplace(column, static_cast<std::int64_t>(key_places.size()));
  }
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::prepare(database,
                         "INSERT INTO table_schema_column (schema_key, place, name, type, "
                         "key_place) VALUES (?, ?, ?, ?, ?)"));
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    std::optional<std::int64_t> key_place;
    if (const auto found = key_places.find(i); found != key_places.end()) key_place = found->second;
    CDCLAKE_RETURN_IF_ERROR(insert.run(schema_key, static_cast<std::int64_t>(i),
                                       schema.columns[i].name,
                                       model::to_string(schema.columns[i].type), key_place));
  }
  return {};
}

struct StoredColumns {
  std::vector<model::Column> columns;
  std::vector<std::size_t> key_columns;
};

Result<StoredColumns> load_columns(Database& database, std::int64_t schema_key,
                                   const model::SchemaId& id) {
  StoredColumns stored;
  std::map<std::int64_t, std::size_t> keys;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT name, type, key_place FROM "
                         "table_schema_column WHERE schema_key = ? ORDER BY place"));
  CDCLAKE_RETURN_IF_ERROR(query.start(schema_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) break;
    auto type = column_type_from_text(query.text(1));
    if (!type) return unreadable(id);
    if (const auto place = query.optional_integer(2)) keys.emplace(*place, stored.columns.size());
    stored.columns.push_back({query.text(0), std::move(*type)});
  }
  for (const auto& [place, column] : keys) stored.key_columns.push_back(column);
  return stored;
}

}  // namespace

Status save_schema(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                   const model::TableSchema& schema) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const auto known, find_schema(database, schema.id));
  if (known) return {};
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   "INSERT INTO table_schema (schema_id, source, database_name, "
                                   "schema_name, table_name, saved_us) "
                                   "VALUES (?, ?, ?, ?, ?, ?)",
                                   schema.id.value, schema.table.source, schema.table.database,
                                   schema.table.schema, schema.table.table, now_us));
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, schema_key_of(database, schema.id));
  CDCLAKE_RETURN_IF_ERROR(insert_columns(database, key, schema));
  return std::move(work).commit();
}

Result<model::TableSchemaPtr> load_schema(Database& database, const model::SchemaId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT schema_key, source, database_name, schema_name, table_name "
                         "FROM table_schema WHERE schema_id = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(id.value));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, query.next());
  if (!found) return unreadable(id);
  CDCLAKE_ASSIGN_OR_RETURN(auto stored, load_columns(database, query.integer(0), id));
  auto schema =
      model::make_table_schema({query.text(1), query.text(2), query.text(3), query.text(4)},
                               std::move(stored.columns), std::move(stored.key_columns));
  if (schema->id != id) return unreadable(id);
  return schema;
}

Result<model::TableSchemaPtr> newest_staged_schema(Database& database, std::int64_t table_key) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT schema_id FROM stage_file JOIN table_schema USING (schema_key) "
                         "WHERE table_key = ? ORDER BY batch DESC, file_key DESC LIMIT 1"));
  CDCLAKE_RETURN_IF_ERROR(query.start(table_key));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, query.next());
  if (!found) return model::TableSchemaPtr();
  return load_schema(database, model::SchemaId(query.text(0)));
}

Result<std::int64_t> schema_key_of(Database& database, const model::SchemaId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto key, find_schema(database, id));
  if (!key) return unreadable(id);
  return *key;
}

}  // namespace cdclake::metadata
