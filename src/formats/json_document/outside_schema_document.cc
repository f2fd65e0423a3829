#include "formats/json_document/outside_schema_document.h"

#include <nlohmann/json.hpp>

#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "formats/json_document/table_schema_document.h"

namespace cdclake::json_document {

Result<OutsideSchema> parse_outside_schema(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto member = [&](const char* name) {
    const auto found = document.is_object() ? document.find(name) : document.end();
    return found == document.end() ? std::string() : found->dump();
  };
  OutsideSchema outside;
  CDCLAKE_ASSIGN_OR_RETURN(outside.schema, parse_table_schema(member("schema")));
  auto settings = parse_connector_config(member("connector"));
  if (!settings) return fail(ErrorKind::kCorrupt, settings.error().message);
  outside.connector = std::move(*settings);
  auto catalog = parse_catalog(member("catalog"));
  if (!catalog) return fail(ErrorKind::kCorrupt, catalog.error().message);
  outside.catalog = std::move(*catalog);
  const auto place = nlohmann::json::parse(member("holds_from"), nullptr, false);
  const auto offset = place.is_object() ? place.find("offset") : place.end();
  if (offset == place.end() || !offset->is_number_integer()) {
    return fail(ErrorKind::kCorrupt, "a stored schema does not say from where it holds");
  }
  outside.holds_from = offset->get<std::int64_t>();
  return outside;
}

}  // namespace cdclake::json_document
