#include "stages/rebuild/remembered_types.h"

#include <algorithm>
#include <map>
#include <utility>

#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "formats/json_document/outside_schema_document.h"

namespace cdclake::rebuild {
namespace {

using json_document::OutsideSchema;
using lake::LakePath;
using lake::Root;

Result<std::map<model::TableId, OutsideSchema>> newest_schemas(lake::LakeFs& fs,
                                                               const Workshop& workshop) {
  const LakePath folder{Root::kBronze, "_schemas"};
  std::map<model::TableId, OutsideSchema> newest;
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(folder));
  for (const lake::Entry& entry : entries) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto text, lake::read_text(fs, folder / entry.name));
    CDCLAKE_ASSIGN_OR_RETURN(auto schema, json_document::parse_outside_schema(text));
    const model::TableId id = schema.schema->table;
    const bool is_ours = std::ranges::any_of(
        workshop.tables, [&](const metadata::Table& table) { return table.id == id; });
    if (!is_ours) continue;
    const auto known = newest.find(id);
    if (known != newest.end() && known->second.holds_from > schema.holds_from) continue;
    newest.insert_or_assign(id, std::move(schema));
  }
  return newest;
}

/// Need not be durable: the workshop is begun anew after a crash.
Status write(lake::LakeFs& fs, const LakePath& path, const std::string& text) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(path));
  CDCLAKE_RETURN_IF_ERROR(file->append(text));
  return file->sync_and_close();
}

}  // namespace

Result<std::optional<RememberedTypes>> remember_types(lake::LakeFs& fs, const Workshop& workshop) {
  CDCLAKE_ASSIGN_OR_RETURN(auto schemas, newest_schemas(fs, workshop));
  if (schemas.empty()) return std::nullopt;
  const auto connector = schemas.begin()->second.connector;
  model::SourceCatalog catalog;
  for (auto& [id, schema] : schemas) {
    if (schema.connector != connector) {
      return fail(ErrorKind::kInvalidConfig,
                  "the tables were read by different settings of the connector: give the catalog "
                  "and the settings that hold now (--catalog, --connector-config)");
    }
    catalog.tables.merge(schema.catalog.tables);
  }
  const LakePath folder = lake::private_folder(Root::kBronze) / "rebuild";
  CDCLAKE_RETURN_IF_ERROR(write(fs, folder / "catalog.json", json_document::to_json_text(catalog)));
  auto settings = connector;
  settings.emplace("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
  CDCLAKE_RETURN_IF_ERROR(
      write(fs, folder / "connector.json", json_document::to_json_text(settings)));
  return RememberedTypes{.catalog_file = fs.absolute(folder / "catalog.json"),
                         .connector_config = fs.absolute(folder / "connector.json")};
}

}  // namespace cdclake::rebuild
