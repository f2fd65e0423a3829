#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_current/read_rows/key_codec.h"

namespace cdclake::silver_current {

/// One file of the version before, in memory, with its keys encoded.
struct StoredFileRows {
  std::shared_ptr<arrow::Table> table;  ///< One chunk a column.
  std::vector<std::string> keys;        ///< Ascending, one a row.
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
  /// Called before a row of so many bytes is read; waits for memory. Empty: there is enough.
  std::function<Status(std::int64_t row_bytes)> hold{};
};

/// Waits until so large a row may be held.
Status hold(const CurrentTable& table, std::int64_t row_bytes);

/// The keys of a file's rows, encoded. kCorrupt where they do not ascend.
Result<std::vector<std::string>> stored_keys(const CurrentTable& table, const lake::LakePath& file,
                                             const arrow::Table& rows);

/// Reads a file of a version whole. kCorrupt where its keys do not ascend; kCancelled where a stop
/// is asked for.
Result<StoredFileRows> read_stored_file(const CurrentTable& table,
                                        const metadata::CurrentFile& file);

}  // namespace cdclake::silver_current
