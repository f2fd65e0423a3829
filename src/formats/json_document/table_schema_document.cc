#include "formats/json_document/table_schema_document.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace cdclake::json_document {
namespace {

using model::ColumnType;
using model::TypeKind;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kDecimalDigitsMax = 76;

auto fault(const std::string& what) {
  return fail(ErrorKind::kCorrupt, "cannot read a stored table schema: " + what);
}

/// Both numbers of `10,2`.
std::optional<ColumnType> decimal_of(std::string_view digits) {
  ColumnType type{.kind = TypeKind::kDecimal};
  const char* end = digits.data() + digits.size();
  const auto precision = std::from_chars(digits.data(), end, type.precision);
  if (precision.ec != std::errc{} || precision.ptr == end || *precision.ptr != ',') return {};
  const auto scale = std::from_chars(precision.ptr + 1, end, type.scale);
  if (scale.ec != std::errc{} || scale.ptr != end) return {};
  const bool is_sound = type.precision >= 1 && type.precision <= kDecimalDigitsMax &&
                        type.scale >= 0 && type.scale <= type.precision;
  return is_sound ? std::optional(type) : std::nullopt;
}

std::optional<ColumnType> simple_type(std::string_view text) {
  for (auto kind = TypeKind::kBool; kind < TypeKind::kArray;
       kind = static_cast<TypeKind>(static_cast<int>(kind) + 1)) {
    ColumnType type{.kind = kind};
    if (kind != TypeKind::kDecimal && model::to_string(type) == text) return type;
  }
  return std::nullopt;
}

/// What stands between `prefix` and a closing parenthesis.
std::optional<std::string_view> argument(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix) || !text.ends_with(')')) return std::nullopt;
  return text.substr(prefix.size(), text.size() - prefix.size() - 1);
}

std::optional<ColumnType> type_of(std::string_view text) {
  if (const auto digits = argument(text, "decimal(")) return decimal_of(*digits);
  const auto element = argument(text, "array(");
  if (!element) return simple_type(text);
  // One dimension only: an array of arrays is no type of ours.
  auto inner = element->starts_with("array(") ? std::nullopt : type_of(*element);
  if (!inner) return std::nullopt;
  return ColumnType{.kind = TypeKind::kArray, .element = {*std::move(inner)}};
}

const std::string* text_member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return nullptr;
  return found->get_ptr<const std::string*>();
}

Result<model::TableId> table_id_of(const json& document) {
  const auto table = document.find("table");
  if (table == document.end()) return fault("\"table\" is missing");
  const std::string* source = text_member(*table, "source");
  const std::string* database = text_member(*table, "database");
  const std::string* schema = text_member(*table, "schema");
  const std::string* name = text_member(*table, "table");
  if (source == nullptr || database == nullptr || schema == nullptr || name == nullptr) {
    return fault("\"table\" must hold source, database, schema and table");
  }
  return model::TableId{*source, *database, *schema, *name};
}

Result<std::vector<model::Column>> columns_of(const json& document) {
  const auto list = document.find("columns");
  if (list == document.end() || !list->is_array()) return fault("\"columns\" must be an array");
  std::vector<model::Column> columns;
  for (const json& entry : *list) {
    const std::string* name = text_member(entry, "name");
    const std::string* type = text_member(entry, "type");
    if (name == nullptr || type == nullptr) return fault("a column lacks its name or its type");
    CDCLAKE_ASSIGN_OR_RETURN(auto column_type, parse_column_type(*type));
    columns.push_back({*name, std::move(column_type)});
  }
  return columns;
}

Result<std::vector<std::size_t>> key_of(const json& document,
                                        const std::vector<model::Column>& columns) {
  const auto list = document.find("key");
  if (list == document.end() || !list->is_array()) return fault("\"key\" must be an array");
  std::vector<std::size_t> key;
  for (const json& name : *list) {
    std::size_t index = 0;
    while (index < columns.size() && !(name == columns[index].name)) ++index;
    if (index == columns.size()) return fault("\"key\" names something that is no column");
    key.push_back(index);
  }
  return key;
}

}  // namespace

std::string to_json_text(const model::TableSchema& schema) {
  ordered_json columns = ordered_json::array();
  for (const model::Column& column : schema.columns) {
    columns.push_back({{"name", column.name}, {"type", model::to_string(column.type)}});
  }
  ordered_json key = ordered_json::array();
  for (const std::size_t index : schema.key_columns) key.push_back(schema.columns[index].name);
  const ordered_json document{{"id", schema.id.value},
                              {"table",
                               {{"source", schema.table.source},
                                {"database", schema.table.database},
                                {"schema", schema.table.schema},
                                {"table", schema.table.table}}},
                              {"columns", std::move(columns)},
                              {"key", std::move(key)}};
  return document.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

Result<model::ColumnType> parse_column_type(std::string_view text) {
  auto type = type_of(text);
  if (!type) return fault("\"" + std::string(text) + "\" is no column type");
  return *std::move(type);
}

Result<model::TableSchemaPtr> parse_table_schema(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return fault("it is not a JSON object");
  CDCLAKE_ASSIGN_OR_RETURN(auto table, table_id_of(document));
  CDCLAKE_ASSIGN_OR_RETURN(auto columns, columns_of(document));
  CDCLAKE_ASSIGN_OR_RETURN(auto key, key_of(document, columns));
  auto schema = model::make_table_schema(std::move(table), std::move(columns), std::move(key));
  const std::string* id = text_member(document, "id");
  if (id == nullptr || schema->id.value != *id) return fault("its id does not fit its content");
  return schema;
}

}  // namespace cdclake::json_document
