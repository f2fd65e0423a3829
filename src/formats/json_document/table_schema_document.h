#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/column_type.h"
#include "model/table.h"

namespace cdclake::json_document {

/// A table schema as one line of JSON: `id`, `table` (source, database, schema, table), `columns`
/// (name, type as `model::to_string` spells it) and `key` (column names, in key order).
std::string to_json_text(const model::TableSchema& schema);

/// The schema back, with the same id. kCorrupt where the text is none or its id does not fit it.
Result<model::TableSchemaPtr> parse_table_schema(std::string_view text);

/// The inverse of `model::to_string`: `decimal(10,2)`, `array(text)`.
Result<model::ColumnType> parse_column_type(std::string_view text);

}  // namespace cdclake::json_document
