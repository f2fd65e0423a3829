#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stages/silver_current/change_fold.h"
#include "stages/silver_current/read_rows/stored_rows.h"

namespace cdclake::silver_current {

/// One row of a new file: kept from the file before, or made from a change.
struct OutputRow {
  std::optional<std::int64_t> stored;  ///< Row of the file that is rewritten.
  const NetChange* change =
      nullptr;  ///< Set where the row is new; `stored` is then its row before, if any.
};

/// The stored rows of one file merged with the changes that fall into it.
struct MergedRows {
  std::vector<OutputRow> rows;          ///< In key order.
  bool changed = false;                 ///< False where every change deletes what is not there.
  std::optional<StoppedTable> stopped;  ///< Set: nothing else counts.
};

/// Merges two ascending lists by key. Pure but for reading positions of stored rows: a stored row
/// in another partition than the key's change stops the table (KEY_CHANGED_PARTITION); one at or
/// past the change's offset is kCorrupt (a change would be applied twice). A change that only says
/// when its key was gone is compared by the sequence of the source instead.
Result<MergedRows> merge_rows(const model::TableSchema& schema, const ChangeBatch& batch,
                              const StoredFileRows* stored, std::span<const NetChange> changes);

}  // namespace cdclake::silver_current
