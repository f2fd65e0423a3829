#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "formats/parquet/parquet_reader.h"

namespace cdclake::silver_current {

/// Whether what was asked for is within the bound on bytes.
enum class Fit : std::uint8_t { kFits, kTooLarge };

/// Collects some rows of several files, with some of their columns, within a bound. Row groups that
/// hold none of the rows are not read.
class PickedRows {
 public:
  PickedRows(std::vector<std::string> columns, std::int64_t bytes_max)
      : columns_(std::move(columns)), bytes_max_(bytes_max) {}

  /// Adds rows of a file, given by their numbers, ascending. Reads no further where the rows are
  /// too large.
  Result<Fit> add(parquet::ParquetReader& reader, std::span<const std::int64_t> rows);
  std::int64_t bytes() const { return bytes_; }
  /// All rows as they were added, one chunk a column; null where none was.
  Result<std::shared_ptr<arrow::Table>> finish() &&;

 private:
  std::vector<std::string> columns_;
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
  std::vector<std::shared_ptr<arrow::Table>> parts_;
};

}  // namespace cdclake::silver_current
