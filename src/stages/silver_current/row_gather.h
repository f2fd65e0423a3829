#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "stages/silver_current/row_merger.h"

namespace cdclake::silver_current {

/// Rows of new files, ready to be written.
struct GatheredRows {
  std::shared_ptr<arrow::Table> table;  ///< By `current_arrow_schema`, one chunk a column.
};

/// Builds the cells of output rows from the three places they may come from: the file that is
/// rewritten, the batch, and rows borrowed from other keys. A value that is in none of them, or was
/// lost there already, is null, and its bit in `_unresolved` is set. `stored` may be null.
Result<GatheredRows> gather_rows(const model::TableSchema& schema, const ChangeBatch& batch,
                                 const BorrowedRows& borrowed, const StoredFileRows* stored,
                                 std::span<const OutputRow> rows);

}  // namespace cdclake::silver_current
