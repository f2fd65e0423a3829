#include "formats/debezium/table_plans/connect_schema.h"

#include <simdjson.h>

#include <charconv>

namespace cdclake::debezium {
namespace {

namespace dom = simdjson::dom;

/// Envelope, row, struct column, its fields: eight leaves room.
constexpr int kDepthMax = 8;

bool read_text(const dom::object& object, const char* key, std::string& text) {
  std::string_view value;
  const auto error = object.at_key(key).get(value);
  if (error == simdjson::NO_SUCH_FIELD) return true;
  if (error == simdjson::SUCCESS) text = value;
  // `"name": null` says the same as no name.
  return error == simdjson::SUCCESS || object.at_key(key).is_null();
}

/// Connect writes every parameter as text.
std::optional<std::int32_t> parameter(const dom::object& object, const char* key) {
  dom::object parameters;
  std::string_view text;
  if (object.at_key("parameters").get(parameters) != simdjson::SUCCESS) return std::nullopt;
  if (parameters.at_key(key).get(text) != simdjson::SUCCESS) return std::nullopt;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool read_schema(const dom::element& element, int depth, ConnectSchema& schema);

bool read_fields(const dom::object& object, int depth, ConnectSchema& schema) {
  dom::array fields;
  const auto error = object.at_key("fields").get(fields);
  if (error == simdjson::NO_SUCH_FIELD) return true;
  if (error != simdjson::SUCCESS) return false;
  for (const dom::element field : fields) {
    ConnectSchema child;
    if (!read_schema(field, depth + 1, child)) return false;
    schema.fields.push_back(std::move(child));
  }
  return true;
}

bool read_items(const dom::object& object, int depth, ConnectSchema& schema) {
  dom::element items;
  if (object.at_key("items").get(items) != simdjson::SUCCESS) return schema.type != "array";
  ConnectSchema child;
  if (!read_schema(items, depth + 1, child)) return false;
  schema.items.push_back(std::move(child));
  return true;
}

bool read_schema(const dom::element& element, int depth, ConnectSchema& schema) {
  dom::object object;
  if (depth > kDepthMax || element.get(object) != simdjson::SUCCESS) return false;
  if (!read_text(object, "type", schema.type) || schema.type.empty()) return false;
  if (!read_text(object, "name", schema.name)) return false;
  if (!read_text(object, "field", schema.field)) return false;
  schema.scale = parameter(object, "scale");
  schema.precision = parameter(object, "connect.decimal.precision");
  return read_fields(object, depth, schema) && read_items(object, depth, schema);
}

}  // namespace

const ConnectSchema* ConnectSchema::find(std::string_view field_name) const {
  for (const ConnectSchema& child : fields) {
    if (child.field == field_name) return &child;
  }
  return nullptr;
}

std::optional<ConnectSchema> parse_connect_schema(std::string_view json) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(json.data(), json.size(), /*realloc_if_needed=*/true).get(root) !=
      simdjson::SUCCESS) {
    return std::nullopt;
  }
  ConnectSchema schema;
  if (!read_schema(root, 0, schema)) return std::nullopt;
  return schema;
}

}  // namespace cdclake::debezium
