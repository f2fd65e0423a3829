#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/source_catalog.h"
#include "model/table.h"

namespace cdclake::json_document {

/// What `_schemas/<sha256>.json` says of a schema that came from outside the messages.
struct OutsideSchema {
  model::TableSchemaPtr schema;
  std::map<std::string, std::string> connector;  ///< Settings, as a connector's configuration.
  model::SourceCatalog catalog;                  ///< Of this table alone.
  std::int64_t holds_from = 0;                   ///< Offset of the first record that it typed.
};

/// kCorrupt where the text is none.
Result<OutsideSchema> parse_outside_schema(std::string_view text);

}  // namespace cdclake::json_document
