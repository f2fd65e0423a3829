#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_current/read_rows/change_batch.h"
#include "stages/silver_current/read_rows/picked_rows.h"
#include "stages/silver_current/read_rows/stored_rows.h"

namespace cdclake::silver_current {

/// A version of a current table, in which keys are looked up.
struct StoredVersion {
  const CurrentTable& table;
  const std::vector<metadata::CurrentFile>& files;
};

/// Rows of the version before that are found by their keys, whichever file holds them: new rows
/// take cells from the old keys of key moves.
class BorrowedRows {
 public:
  struct Wanted {
    std::vector<KeyIndex> keys{};
    std::set<std::string> columns{};  ///< Beside those that say how old a row is.
  };

  /// Reads keys only of the files whose key range can hold a wanted one, and cells only of the row
  /// groups that hold it. Nothing where the rows take more than `bytes_max`. kCorrupt where keys of
  /// a file do not ascend, or a wanted one is in two files.
  static Result<std::optional<BorrowedRows>> collect(const StoredVersion& version,
                                                     const ChangeBatch& batch, Wanted wanted,
                                                     std::int64_t bytes_max);

  /// Null where none is borrowed.
  const std::shared_ptr<arrow::Table>& table() const { return table_; }
  std::optional<std::int64_t> row_of(KeyIndex key) const;

 private:
  class Search;
  std::shared_ptr<arrow::Table> table_;
  std::unordered_map<KeyIndex, std::int64_t> row_of_key_;
};

}  // namespace cdclake::silver_current
