#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/source_catalog.h"

namespace cdclake::json_document {

/// Reads a catalog file: an array of tables, each with `schema`, `table`, `replica_identity`,
/// `primary_key` and `columns` (`name`, `type`, and where it applies `base_type`, `notnull`,
/// `generated`). Other keys are ignored. A table that is listed twice, or a key column that is no
/// column, is kInvalidConfig.
Result<model::SourceCatalog> parse_catalog(std::string_view text);

/// What `parse_catalog` reads back equal; one table a paragraph, for diffs.
std::string to_json_text(const model::SourceCatalog& catalog);

}  // namespace cdclake::json_document
