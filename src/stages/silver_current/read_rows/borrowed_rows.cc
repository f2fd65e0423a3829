#include "stages/silver_current/read_rows/borrowed_rows.h"

#include <arrow/table.h>

#include <algorithm>
#include <span>
#include <utility>

#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/table_columns.h"
#include "stages/silver_current/read_rows/staged_files.h"

namespace cdclake::silver_current {

/// Looks for keys in one file after the other.
class BorrowedRows::Search {
 public:
  Search(const CurrentTable& table, const ChangeBatch& batch, const std::set<std::string>& columns,
         std::int64_t bytes_max)
      : table_(table), batch_(batch), picked_(all_columns(table.schema, columns), bytes_max) {}

  /// `keys` ascend by their bytes.
  Result<Fit> look_in(const metadata::CurrentFile& file, std::span<const KeyIndex> keys) {
    CDCLAKE_RETURN_IF_ERROR(unless_stopped(table_.stop));
    const lake::LakePath path = table_.folder.file(file.id);
    CDCLAKE_ASSIGN_OR_RETURN(auto reader, parquet::ParquetReader::open(table_.fs, path));
    CDCLAKE_ASSIGN_OR_RETURN(const auto key_cells, reader.read(table_.codec.column_names()));
    CDCLAKE_ASSIGN_OR_RETURN(const auto stored, stored_keys(table_, path, *key_cells));
    std::vector<std::int64_t> rows;
    for (const KeyIndex key : keys) {
      const auto at = std::ranges::lower_bound(stored, batch_.keys[key]);
      if (at == stored.end() || *at != batch_.keys[key]) continue;
      const auto row = static_cast<std::int64_t>(found_.row_of_key_.size());
      if (!found_.row_of_key_.emplace(key, row).second) {
        return fail(ErrorKind::kCorrupt, "a current file holds a key that is in another one too: " +
                                             table_.fs.absolute(path));
      }
      rows.push_back(at - stored.begin());
    }
    return picked_.add(reader, rows);
  }

  Result<BorrowedRows> finish() && {
    CDCLAKE_ASSIGN_OR_RETURN(found_.table_, std::move(picked_).finish());
    return std::move(found_);
  }

 private:
  static std::vector<std::string> all_columns(const model::TableSchema& schema,
                                              std::set<std::string> columns) {
    const parquet::MetaColumns meta(schema);
    for (const char* name : {"epoch", "seq_commit", "seq_lsn", "unresolved"})
      columns.insert(meta(name));
    return {columns.begin(), columns.end()};
  }

  const CurrentTable& table_;
  const ChangeBatch& batch_;
  PickedRows picked_;
  BorrowedRows found_;
};

Result<std::optional<BorrowedRows>> BorrowedRows::collect(const StoredVersion& version,
                                                          const ChangeBatch& batch, Wanted wanted,
                                                          std::int64_t bytes_max) {
  const auto by_key = [&](KeyIndex key) -> const std::string& { return batch.keys[key]; };
  std::ranges::sort(wanted.keys, {}, by_key);
  const auto repeated = std::ranges::unique(wanted.keys);
  wanted.keys.erase(repeated.begin(), repeated.end());
  Search search(version.table, batch, wanted.columns, bytes_max);
  for (const metadata::CurrentFile& file : version.files) {
    const auto first = std::ranges::lower_bound(wanted.keys, file.key_min, {}, by_key);
    const auto last = std::ranges::upper_bound(wanted.keys, file.key_max, {}, by_key);
    if (file.rows == 0 || first >= last) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const Fit fit, search.look_in(file, {first, last}));
    if (fit == Fit::kTooLarge) return std::nullopt;
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto found, std::move(search).finish());
  return std::optional(std::move(found));
}

std::optional<std::int64_t> BorrowedRows::row_of(KeyIndex key) const {
  const auto found = row_of_key_.find(key);
  if (found == row_of_key_.end()) return std::nullopt;
  return found->second;
}

}  // namespace cdclake::silver_current
