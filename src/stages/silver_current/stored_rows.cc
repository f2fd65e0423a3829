#include "stages/silver_current/stored_rows.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/table.h>

#include <algorithm>
#include <functional>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/parquet_reader.h"

namespace cdclake::silver_current {
namespace {

/// Keys that are borrowed by another key's new row.
std::vector<KeyIndex> wanted_keys(const std::vector<NetChange>& changes) {
  std::vector<KeyIndex> wanted;
  for (const NetChange& change : changes) {
    for (const CellPatch& patch : change.patches) {
      for (const StoredCell& cell : patch.source.stored) {
        if (cell.key != change.key) wanted.push_back(cell.key);
      }
    }
  }
  return wanted;
}

Result<std::shared_ptr<arrow::Table>> take_rows(const std::shared_ptr<arrow::Table>& table,
                                                const std::vector<std::int64_t>& rows) {
  arrow::Int64Builder indices;
  CDCLAKE_RETURN_IF_ERROR(indices.AppendValues(rows));
  CDCLAKE_ASSIGN_OR_RETURN(const auto index_array, indices.Finish());
  CDCLAKE_ASSIGN_OR_RETURN(const auto taken,
                           arrow::compute::Take(arrow::Datum(table), arrow::Datum(index_array)));
  return taken.table();
}

}  // namespace

lake::LakePath CurrentFolder::file(const FileId& id) const {
  return lake::LakePath{lake::Root::kSilver, "current_data"} / ("table=" + table_segment) /
         (id.value + ".parquet");
}

lake::LakePath CurrentFolder::view() const {
  return lake::LakePath{lake::Root::kSilver, "current"} / ("table=" + table_segment);
}

Result<StoredFileRows> read_stored_file(const CurrentTable& table,
                                        const metadata::CurrentFile& file) {
  CDCLAKE_RETURN_IF_ERROR(unless_stopped(table.stop));
  const lake::LakePath path = table.folder.file(file.id);
  CDCLAKE_ASSIGN_OR_RETURN(auto reader, parquet::ParquetReader::open(table.fs, path));
  StoredFileRows rows;
  CDCLAKE_ASSIGN_OR_RETURN(rows.table, reader.read());
  CDCLAKE_ASSIGN_OR_RETURN(rows.keys, table.codec.encode(*rows.table));
  if (std::ranges::adjacent_find(rows.keys, std::ranges::greater_equal{}) != rows.keys.end()) {
    return fail(ErrorKind::kCorrupt,
                "a current file does not hold ascending keys: " + table.fs.absolute(path));
  }
  return rows;
}

Result<BorrowedRows> BorrowedRows::collect(const CurrentTable& table,
                                           const std::vector<metadata::CurrentFile>& files,
                                           const ChangeBatch& batch,
                                           const std::vector<NetChange>& changes) {
  return of_keys(table, files, batch, wanted_keys(changes));
}

Result<BorrowedRows> BorrowedRows::of_keys(const CurrentTable& table,
                                           const std::vector<metadata::CurrentFile>& files,
                                           const ChangeBatch& batch, std::vector<KeyIndex> wanted) {
  BorrowedRows borrowed;
  const auto by_key = [&](KeyIndex key) -> const std::string& { return batch.keys[key]; };
  std::ranges::sort(wanted, {}, by_key);
  const auto repeated = std::ranges::unique(wanted);
  wanted.erase(repeated.begin(), repeated.end());
  std::vector<std::shared_ptr<arrow::Table>> taken;
  std::int64_t rows_taken = 0;
  for (const metadata::CurrentFile& file : files) {
    const auto first = std::ranges::lower_bound(wanted, file.key_min, {}, by_key);
    const auto last = std::ranges::upper_bound(wanted, file.key_max, {}, by_key);
    if (file.rows == 0 || first >= last) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const auto rows, read_stored_file(table, file));
    std::vector<std::int64_t> found;
    for (auto key = first; key != last; ++key) {
      const auto at = std::ranges::lower_bound(rows.keys, batch.keys[*key]);
      if (at == rows.keys.end() || *at != batch.keys[*key]) continue;
      borrowed.row_of_key_.emplace(*key, rows_taken++);
      found.push_back(at - rows.keys.begin());
    }
    if (found.empty()) continue;
    CDCLAKE_ASSIGN_OR_RETURN(auto found_rows, take_rows(rows.table, found));
    taken.push_back(std::move(found_rows));
  }
  if (taken.empty()) return borrowed;
  CDCLAKE_ASSIGN_OR_RETURN(borrowed.table_, arrow::ConcatenateTables(taken));
  return borrowed;
}

std::optional<std::int64_t> BorrowedRows::row_of(KeyIndex key) const {
  const auto found = row_of_key_.find(key);
  if (found == row_of_key_.end()) return std::nullopt;
  return found->second;
}

}  // namespace cdclake::silver_current
