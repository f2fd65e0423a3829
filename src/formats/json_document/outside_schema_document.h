#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/table.h"

namespace cdclake::json_document {

/// What `_schemas/<sha256>.json` says of a schema that came from outside the messages, its catalog
/// and the place from which it holds left out.
struct OutsideSchema {
  model::TableSchemaPtr schema;
  std::map<std::string, std::string> connector;  ///< Settings, as a connector's configuration.
};

/// kCorrupt where the text is none.
Result<OutsideSchema> parse_outside_schema(std::string_view text);

}  // namespace cdclake::json_document
