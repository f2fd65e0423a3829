#include "formats/json_document/catalog_document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cdclake::json_document {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

auto fault(const std::string& what) {
  return fail(ErrorKind::kInvalidConfig, "cannot read the source catalog: " + what);
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Result<std::string> text_member(const json& object, const char* name, const std::string& place) {
  const json* value = member(object, name);
  if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().empty()) {
    return fault(place + ": \"" + name + "\" must be a text that is not empty");
  }
  return value->get<std::string>();
}

std::optional<std::string> text_or_none(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

/// PostgreSQL's own letters where one is written; `generated` is "s" for a stored column.
bool is_set(const json* value) {
  if (value == nullptr || value->is_null()) return false;
  if (value->is_boolean()) return value->get<bool>();
  return value->is_string() && !value->get_ref<const std::string&>().empty();
}

Result<model::CatalogColumn> column_of(const json& object, const std::string& table) {
  if (!object.is_object()) return fault(table + ": a column is not an object");
  model::CatalogColumn column;
  CDCLAKE_ASSIGN_OR_RETURN(column.name, text_member(object, "name", table + ", a column"));
  const std::string place = table + ", column " + column.name;
  CDCLAKE_ASSIGN_OR_RETURN(column.type, text_member(object, "type", place));
  column.base_type = text_or_none(object, "base_type").value_or("");
  column.default_expression = text_or_none(object, "default");
  column.storage = text_or_none(object, "storage").value_or("");
  column.not_null = is_set(member(object, "notnull"));
  column.generated = is_set(member(object, "generated"));
  return column;
}

Result<model::ReplicaIdentity> replica_identity_of(const json& object, const std::string& place) {
  const json* value = member(object, "replica_identity");
  if (value == nullptr) return model::ReplicaIdentity::kDefault;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    for (const auto identity : {model::ReplicaIdentity::kDefault, model::ReplicaIdentity::kFull,
                                model::ReplicaIdentity::kNothing, model::ReplicaIdentity::kIndex}) {
      if (text == std::string(1, static_cast<char>(identity))) return identity;
    }
  }
  return fault(place + ": \"replica_identity\" must be one of \"d\", \"f\", \"n\", \"i\"");
}

Status read_key(const json& object, const std::string& place, model::CatalogTable& table) {
  const json* key = member(object, "primary_key");
  if (key == nullptr || key->is_null()) return {};
  if (!key->is_array()) return fault(place + ": \"primary_key\" must be an array of column names");
  for (const json& name : *key) {
    const bool known =
        name.is_string() && std::ranges::any_of(table.columns, [&](const auto& column) {
          return column.name == name.get_ref<const std::string&>();
        });
    if (!known) return fault(place + ": \"primary_key\" names something that is no column");
    table.primary_key.push_back(name.get<std::string>());
  }
  return {};
}

Result<model::CatalogTable> table_of(const json& object) {
  if (!object.is_object()) return fault("an entry of the array is not an object");
  model::CatalogTable table;
  CDCLAKE_ASSIGN_OR_RETURN(table.schema, text_member(object, "schema", "a table"));
  CDCLAKE_ASSIGN_OR_RETURN(table.table, text_member(object, "table", "a table"));
  const std::string place = table.schema + "." + table.table;
  CDCLAKE_ASSIGN_OR_RETURN(table.replica_identity, replica_identity_of(object, place));
  const json* columns = member(object, "columns");
  if (columns == nullptr || !columns->is_array()) {
    return fault(place + ": \"columns\" must be an array");
  }
  for (const json& entry : *columns) {
    CDCLAKE_ASSIGN_OR_RETURN(auto column, column_of(entry, place));
    const bool twice = std::ranges::any_of(
        table.columns, [&](const auto& other) { return other.name == column.name; });
    if (twice) return fault(place + ": column " + column.name + " is listed twice");
    table.columns.push_back(std::move(column));
  }
  CDCLAKE_RETURN_IF_ERROR(read_key(object, place, table));
  return table;
}

ordered_json to_json(const model::CatalogTable& table) {
  ordered_json columns = ordered_json::array();
  for (const model::CatalogColumn& column : table.columns) {
    ordered_json entry{{"name", column.name}, {"type", column.type}};
    if (!column.base_type.empty()) entry["base_type"] = column.base_type;
    entry["notnull"] = column.not_null;
    entry["default"] =
        column.default_expression ? ordered_json(*column.default_expression) : ordered_json();
    entry["generated"] = column.generated ? "s" : "";
    if (!column.storage.empty()) entry["storage"] = column.storage;
    columns.push_back(std::move(entry));
  }
  return {{"schema", table.schema},
          {"table", table.table},
          {"replica_identity", std::string(1, static_cast<char>(table.replica_identity))},
          {"primary_key", table.primary_key},
          {"columns", std::move(columns)}};
}

}  // namespace

Result<model::SourceCatalog> parse_catalog(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return fault("it is not JSON");
  if (!document.is_array()) return fault("it is not an array of tables");
  model::SourceCatalog catalog;
  for (const json& entry : document) {
    CDCLAKE_ASSIGN_OR_RETURN(auto table, table_of(entry));
    auto name = std::pair(table.schema, table.table);
    const auto [place, is_new] = catalog.tables.emplace(std::move(name), std::move(table));
    if (!is_new) {
      return fault(place->second.schema + "." + place->second.table + " is listed twice");
    }
  }
  return catalog;
}

std::string to_json_text(const model::SourceCatalog& catalog) {
  ordered_json document = ordered_json::array();
  for (const auto& [name, table] : catalog.tables) document.push_back(to_json(table));
  return document.dump(1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace) + "\n";
}

}  // namespace cdclake::json_document
