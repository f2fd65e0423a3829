#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/debezium/table_plans/connector_settings.h"
#include "model/change_row.h"
#include "model/record.h"
#include "model/source_catalog.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"

namespace cdclake::silver_stage {

/// Where types come from when the messages do not say them.
struct OutsideTypes {
  const model::SourceCatalog* catalog = nullptr;  ///< Null: there is none.
  debezium::ConnectorSettings settings;
};

/// A schema that came from outside the messages, as `_schemas/<sha256>.json` holds it: the typed
/// schema, what the catalog and the connector's settings said, and the first record that it typed.
/// `name` depends on all but the record, so that a schema has one file however often it is seen.
struct SchemaDocument {
  std::string name;
  std::string text;
};
SchemaDocument schema_document(const model::TableSchema& schema, const OutsideTypes& types,
                               const model::RawRecord& first);

/// Keeps every schema that came from outside the messages beside Bronze, so that the stage can be
/// built again from files alone.
class SchemaFiles {
 public:
  /// `fs` must outlive the files.
  SchemaFiles(lake::LakeFs& fs, OutsideTypes types);

  /// Writes the schema of a row that is about to be staged, unless it is there already.
  Status note(const model::ChangeRow& row, const model::RawRecord& record);

  /// The sealed files of the batch; starts the next one.
  std::vector<metadata::PreparedFile> take();

 private:
  lake::LakeFs* fs_;
  OutsideTypes types_;
  model::TableSchemaPtr last_;
  std::set<std::string> written_;  ///< Names.
  std::vector<metadata::PreparedFile> sealed_;
};

}  // namespace cdclake::silver_stage
