#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_current/change_fold.h"
#include "stages/silver_current/key_codec.h"

namespace cdclake::silver_current {

/// One file of the version before, in memory, with its keys encoded.
struct StoredFileRows {
  std::shared_ptr<arrow::Table> table;
  std::vector<std::string> keys;  ///< Ascending, one a row.
};

/// Where the current files of a table lie.
struct CurrentFolder {
  std::string table_segment;

  lake::LakePath file(const FileId& id) const;  ///< `current_data/table=<t>/<id>.parquet`
  lake::LakePath view() const;                  ///< `current/table=<t>`
};

/// A current table whose files are read and written.
struct CurrentTable {
  lake::LakeFs& fs;
  const CurrentFolder& folder;
  const model::TableSchema& schema;
  const KeyCodec& codec;
  std::stop_token stop;
};

/// Reads a file of a version whole. kCorrupt where its keys do not ascend; kCancelled where a stop
/// is asked for.
Result<StoredFileRows> read_stored_file(const CurrentTable& table,
                                        const metadata::CurrentFile& file);

/// Rows of the version before that new rows take cells from and that are not the new row's own:
/// the old keys of key moves, whichever file holds them.
class BorrowedRows {
 public:
  /// Reads only the files whose key range can hold a wanted key.
  static Result<BorrowedRows> collect(const CurrentTable& table,
                                      const std::vector<metadata::CurrentFile>& files,
                                      const ChangeBatch& batch,
                                      const std::vector<NetChange>& changes);

  static Result<BorrowedRows> of_keys(const CurrentTable& table,
                                      const std::vector<metadata::CurrentFile>& files,
                                      const ChangeBatch& batch, std::vector<KeyIndex> keys);

  const std::shared_ptr<arrow::Table>& table() const {
    return table_;
  }  ///< Null where none is borrowed.
  std::optional<std::int64_t> row_of(KeyIndex key) const;

 private:
  std::shared_ptr<arrow::Table> table_;
  std::unordered_map<KeyIndex, std::int64_t> row_of_key_;
};

}  // namespace cdclake::silver_current
