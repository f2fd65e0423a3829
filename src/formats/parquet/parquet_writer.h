#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::parquet {

/// How the columns of one kind of file are laid out. The figures behind the defaults are in
/// docs/decisions/.
struct ParquetLayout {
  std::int64_t group_rows_max = 1'000'000;
  std::int64_t group_bytes_max =
      64 << 20;  ///< Before encoding; one row may pass it. Bounds the memory of writer and reader.
  std::int64_t page_bytes_max =
      64 * 1024;  ///< Small pages, so that a row can be found by its page index.
  std::int64_t page_check_rows =
      256;  ///< How often a page's size is looked at: fewer for wide rows.
  int zstd_level = 1;
  // Columns are named by their own name, for all their leaves. A column of delta_columns has one.
  std::set<std::string>
      dictionary_columns;  ///< Low-cardinality columns only; the rest is plain or delta.
  std::set<std::string> delta_columns;  ///< Integers and times that grow: DELTA_BINARY_PACKED.
  std::set<std::string> no_statistics_columns;  ///< Wide blobs.
};

/// The text and binary columns that hold a value of more than a megabyte. Statistics of such a
/// column hold it four times while it is written, and none so large is kept in the file.
std::set<std::string> columns_of_large_values(const arrow::Table& table);

/// Writes one Parquet file into a hidden lake file. Owns no durability: `commit::seal` does the
/// fsync and the reading back. Not thread-safe.
class ParquetWriter {
 public:
  /// `file` must outlive the writer.
  static Result<ParquetWriter> open(lake::FileWriter& file, std::shared_ptr<arrow::Schema> schema,
                                    const ParquetLayout& layout);
  ParquetWriter(ParquetWriter&&) noexcept;
  ParquetWriter& operator=(ParquetWriter&&) noexcept;
  ~ParquetWriter();

  /// Appends the rows; a row group ends when it is full.
  Status write(const arrow::RecordBatch& batch);
  Status write(const arrow::Table& table);
  /// At most what is in memory and not yet in the file: the open row group, before encoding.
  std::int64_t buffered_bytes() const;
  /// Writes the footer with these key-value pairs. Returns the row count.
  Result<std::int64_t> finish(const std::map<std::string, std::string>& footer) &&;

 private:
  class Impl;
  explicit ParquetWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::parquet
