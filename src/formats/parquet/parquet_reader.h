#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::parquet {

/// Reads one Parquet file of the lake. kCorrupt where the file is damaged. Not thread-safe.
class ParquetReader {
 public:
  static Result<ParquetReader> open(lake::LakeFs& fs, const lake::LakePath& path);
  ParquetReader(ParquetReader&&) noexcept;
  ParquetReader& operator=(ParquetReader&&) noexcept;
  ~ParquetReader();

  std::int64_t row_count() const;
  int group_count() const;
  std::int64_t group_rows(int group) const;
  /// The largest average of a row in any row group, by the footer: a row that is larger than row
  /// groups are is alone in its own.
  std::int64_t row_bytes_max() const;
  /// About what the named columns take in memory, by the footer; dictionaries and nulls are put at
  /// 16 bytes a cell.
  std::int64_t decoded_bytes(const std::vector<std::string>& columns) const;
  /// True where the footer says that no row has a value in the column; false where it does not say.
  bool is_all_null(const std::string& column) const;
  const std::map<std::string, std::string>& footer()
      const;  ///< Key-value pairs, Arrow's own left out.
  std::shared_ptr<arrow::Schema> schema() const;

  /// The named columns (all of them where `columns` is empty) of one row group, or of the file.
  Result<std::shared_ptr<arrow::Table>> read_group(int group,
                                                   const std::vector<std::string>& columns = {});
  Result<std::shared_ptr<arrow::Table>> read(const std::vector<std::string>& columns = {});

 private:
  class Impl;
  explicit ParquetReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::parquet
