#include "formats/debezium/event_workbench.h"

namespace cdclake::debezium {

model::SourceCatalog catalog_of_t(const std::vector<std::pair<std::string, std::string>>& columns,
                                  std::vector<std::string> primary_key) {
  model::CatalogTable table;
  table.schema = "public";
  table.table = "t";
  table.primary_key = std::move(primary_key);
  for (const auto& [name, type] : columns) table.columns.push_back({.name = name, .type = type});
  model::SourceCatalog catalog;
  catalog.tables.emplace(std::pair("public", "t"), std::move(table));
  return catalog;
}

std::string outcome_of(const model::DecodedRecord& decoded) {
  if (const auto* row = std::get_if<model::ChangeRow>(&decoded)) {
    return "row " + std::string(model::to_string(row->op));
  }
  if (const auto* rejected = std::get_if<model::RejectedRecord>(&decoded)) return rejected->reason;
  if (const auto* no_row = std::get_if<model::NoRow>(&decoded)) {
    return "no row: " + std::string(no_row->kind);
  }
  return "undecided";
}

}  // namespace cdclake::debezium
