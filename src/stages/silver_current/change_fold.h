#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "stages/silver_current/key_moves.h"
#include "stages/silver_current/read_rows/change_batch.h"
#include "stages/silver_current/source_sequence.h"

namespace cdclake::silver_current {

/// A key whose row of the version before may hold a value.
struct StoredCell {
  KeyIndex key = 0;
  std::optional<SourceSequence> not_before;  ///< Not a row that is older than this,
  std::optional<SourceSequence> not_after;   ///< nor one that is newer than this.

  friend bool operator==(const StoredCell&, const StoredCell&) = default;
};

/// Where a cell of a new row comes from when its own change did not send it: the first of `stored`
/// whose key has a row that is meant and has the value; else `row` of the batch; else it is lost.
struct CellSource {
  std::vector<StoredCell> stored;
  std::optional<std::int64_t> row;  ///< A row of the batch that sent the value.
};

struct CellPatch {
  std::size_t column = 0;
  CellSource source;
};

/// What a batch does to one key.
struct NetChange {
  KeyIndex key = 0;
  std::optional<std::int64_t>
      row{};  ///< The batch row that the key ends with; nothing: it is deleted.
  std::vector<CellPatch> patches{};  ///< Of columns that the row itself did not send.
  std::uint32_t partition = 0;       ///< Of the key's changes.
  std::int64_t first_offset = 0;  ///< Of the key's first change here; the stored row must be older.
  /// Set where the key itself has no change here: only a row that is older than this goes.
  std::optional<SourceSequence> gone_before{};
};

/// A table that the merge must not go on with.
struct StoppedTable {
  std::string reason;
};

/// Folds the events below the cut, in partition order and each move's delete before its create, to
/// one net change a key, sorted by encoded key. A create that is taken alone says that its old key
/// was gone: a row of that key that is older than the create goes too. Stops where one key has
/// changes in two partitions. Pure.
struct FoldResult {
  std::vector<NetChange> changes;
  std::optional<StoppedTable> stopped;
};
FoldResult fold_changes(const ChangeBatch& batch, const MergeCut& cut);

}  // namespace cdclake::silver_current
