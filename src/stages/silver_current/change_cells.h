#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/parquet/parquet_reader.h"
#include "stages/silver_current/change_fold.h"
#include "stages/silver_current/read_rows/borrowed_rows.h"
#include "stages/silver_current/read_rows/change_batch.h"

namespace cdclake::silver_current {

/// Opens a file of the batch by its place in it.
using OpenFile = std::function<Result<parquet::ParquetReader>(std::size_t)>;

/// The cells that net changes need, of staged rows and of other keys' stored rows: those of one run
/// of changes at a time, so that memory is bounded however large they are. Row groups that hold
/// no row which stays are not read.
class ChangeCells {
 public:
  /// Version and batch must outlive the cells.
  ChangeCells(StoredVersion before, const ChangeBatch& batch, OpenFile open_file,
              std::int64_t bytes_max);

  /// Holds the cells of as many of the changes as `bytes_max` allows, from the first on and at
  /// least one, instead of those before. Says how many.
  Result<std::size_t> load(std::span<const NetChange> changes);

  /// The staged rows that are held, one chunk a column; null where there are none.
  const std::shared_ptr<arrow::Table>& staged() const { return staged_; }
  std::int64_t place_of(std::int64_t staged_row) const;  ///< In `staged()`.
  const BorrowedRows& borrowed() const { return borrowed_; }
  /// Average of the staged rows held.
  std::int64_t row_bytes() const { return row_bytes_; }

 private:
  Result<Fit> try_load(std::span<const NetChange> changes, std::int64_t bytes_max);

  StoredVersion before_;
  const ChangeBatch& batch_;
  OpenFile open_file_;
  std::int64_t bytes_max_;
  std::vector<std::string> columns_;
  std::size_t changes_max_;  ///< As many as should fit the next time.
  std::vector<std::int64_t> rows_;
  std::shared_ptr<arrow::Table> staged_;
  BorrowedRows borrowed_;
  std::int64_t bytes_held_ = 0;
  std::int64_t row_bytes_ = 0;
};

}  // namespace cdclake::silver_current
