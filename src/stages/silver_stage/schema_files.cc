#include "stages/silver_stage/schema_files.h"

#include <utility>

#include "base/sha256.h"
#include "formats/json_document/catalog_document.h"
#include "formats/json_document/table_schema_document.h"
#include "platform/commit/prepare.h"
#include "stages/silver_stage/json_text.h"
#include "stages/silver_stage/stage_places.h"

namespace cdclake::silver_stage {
namespace {

std::string settings_json(const debezium::ConnectorSettings& settings) {
  std::string text = "{";
  for (const auto& [key, value] : settings.to_properties()) {
    if (text.size() > 1) text += ',';
    append_json_text(key, text);
    text += ':';
    append_json_text(value, text);
  }
  return text + "}";
}

/// What the catalog says of the table alone.
std::string catalog_json(const model::TableId& table, const model::SourceCatalog* catalog) {
  model::SourceCatalog excerpt;
  if (catalog != nullptr) {
    const auto found = catalog->tables.find({table.schema, table.table});
    if (found != catalog->tables.end()) excerpt.tables.insert(*found);
  }
  return json_document::to_json_text(excerpt);
}

std::string place_json(const model::RawRecord& record) {
  std::string text = R"({"topic":)";
  append_json_text(record.partition->topic, text);
  text += R"(,"incarnation":)";
  append_json_text(record.partition->incarnation, text);
  text += ",\"partition\":" + std::to_string(record.partition->partition);
  text += ",\"offset\":" + std::to_string(record.offset);
  return text + "}";
}

}  // namespace

SchemaDocument schema_document(const model::TableSchema& schema, const OutsideTypes& types,
                               const model::RawRecord& first) {
  const std::string said = "\"schema\":" + json_document::to_json_text(schema) +
                           ",\n\"connector\":" + settings_json(types.settings) +
                           ",\n\"catalog\":" + catalog_json(schema.table, types.catalog);
  return {sha256_hex(said), "{" + said + ",\n\"holds_from\":" + place_json(first) + "}\n"};
}

SchemaFiles::SchemaFiles(lake::LakeFs& fs, OutsideTypes types)
    : fs_(&fs), types_(std::move(types)) {}

Status SchemaFiles::note(const model::ChangeRow& row, const model::RawRecord& record) {
  if (row.schema_origin == model::SchemaOrigin::kMessage || row.schema == last_) return {};
  last_ = row.schema;
  const SchemaDocument document = schema_document(*row.schema, types_, record);
  if (!written_.insert(document.name).second) return {};
  metadata::PreparedFile file = new_schema_file(document.name);
  CDCLAKE_ASSIGN_OR_RETURN(const lake::Entry entry, fs_->stat(file.final_path));
  if (entry.type != lake::EntryType::kAbsent) return {};
  file.rows = 1;
  CDCLAKE_ASSIGN_OR_RETURN(const auto out, fs_->create(file.hidden));
  CDCLAKE_RETURN_IF_ERROR(out->append(document.text));
  CDCLAKE_ASSIGN_OR_RETURN(file, commit::seal(*fs_, *out, std::move(file)));
  sealed_.push_back(std::move(file));
  return {};
}

std::vector<metadata::PreparedFile> SchemaFiles::take() { return std::exchange(sealed_, {}); }

}  // namespace cdclake::silver_stage
