#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "stages/silver_current/change_cells.h"
#include "stages/silver_current/row_merger.h"

namespace cdclake::silver_current {

/// The places that the cells of output rows may come from.
struct CellPlaces {
  const ChangeCells& cells;      ///< Of the rows' changes.
  const StoredFileRows* stored;  ///< The file that is rewritten; may be null.
};

/// Builds output rows by `current_arrow_schema`, one chunk a column. A value that is in none of the
/// places, or was lost there already, is null, and its bit in `_unresolved` is set.
Result<std::shared_ptr<arrow::Table>> gather_rows(const model::TableSchema& schema,
                                                  const CellPlaces& places,
                                                  std::span<const OutputRow> rows);

}  // namespace cdclake::silver_current
