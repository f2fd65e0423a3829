#include "stages/silver_current/read_rows/stored_rows.h"

#include <arrow/table.h>

#include <algorithm>
#include <functional>

#include "formats/parquet/parquet_reader.h"
#include "platform/lake/lake_layout.h"
#include "stages/silver_current/read_rows/staged_files.h"
#include "stages/silver_current/read_rows/whole_columns.h"

namespace cdclake::silver_current {

lake::LakePath CurrentFolder::file(const FileId& id) const {
  return lake::LakePath{lake::Root::kSilver, "current_data"} / ("table=" + table_segment) /
         (id.value + ".parquet");
}

lake::LakePath CurrentFolder::view() const { return lake::current_folder(table_segment); }

Result<std::vector<std::string>> stored_keys(const CurrentTable& table, const lake::LakePath& file,
                                             const arrow::Table& rows) {
  CDCLAKE_ASSIGN_OR_RETURN(auto keys, table.codec.encode(rows));
  if (std::ranges::adjacent_find(keys, std::ranges::greater_equal{}) != keys.end()) {
    return fail(ErrorKind::kCorrupt,
                "a current file does not hold ascending keys: " + table.fs.absolute(file));
  }
  return keys;
}

Status hold(const CurrentTable& table, std::int64_t row_bytes) {
  return table.hold ? table.hold(row_bytes) : Status();
}

Result<StoredFileRows> read_stored_file(const CurrentTable& table,
                                        const metadata::CurrentFile& file) {
  CDCLAKE_RETURN_IF_ERROR(unless_stopped(table.stop));
  const lake::LakePath path = table.folder.file(file.id);
  CDCLAKE_ASSIGN_OR_RETURN(auto reader, parquet::ParquetReader::open(table.fs, path));
  CDCLAKE_RETURN_IF_ERROR(hold(table, reader.row_bytes_max()));
  StoredFileRows rows;
  CDCLAKE_ASSIGN_OR_RETURN(auto table_rows, reader.read());
  CDCLAKE_ASSIGN_OR_RETURN(rows.table, with_whole_columns(std::move(table_rows)));
  CDCLAKE_ASSIGN_OR_RETURN(rows.keys, stored_keys(table, path, *rows.table));
  return rows;
}

}  // namespace cdclake::silver_current
