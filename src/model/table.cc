#include "model/table.h"

#include "base/hash128.h"

namespace cdclake::model {
namespace {

void put_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

std::string canonical_text(const TableSchema& schema) {
  std::string text;
  for (const std::string* part :
       {&schema.table.source, &schema.table.database, &schema.table.schema, &schema.table.table}) {
    put_text(text, *part);
  }
  for (const Column& column : schema.columns) {
    put_text(text, column.name);
    put_text(text, to_string(column.type));
  }
  for (const std::size_t index : schema.key_columns) put_text(text, std::to_string(index));
  return text;
}

}  // namespace

std::optional<std::size_t> TableSchema::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::string> key_refusal(const TableSchema& schema) {
  if (schema.key_columns.empty()) return "the table has no primary key";
  for (const std::size_t index : schema.key_columns) {
    const Column& column = schema.columns[index];
    if (column.type.kind != TypeKind::kArray) continue;
    return "its key column " + shortened(column.name) + " is of type " + to_string(column.type);
  }
  return std::nullopt;
}

TableSchemaPtr make_table_schema(TableId table, std::vector<Column> columns,
                                 std::vector<std::size_t> key_columns) {
  auto schema = std::make_shared<TableSchema>();
  schema->table = std::move(table);
  schema->columns = std::move(columns);
  schema->key_columns = std::move(key_columns);
  schema->id = SchemaId(hash128(canonical_text(*schema)).to_hex());
  return schema;
}

}  // namespace cdclake::model
