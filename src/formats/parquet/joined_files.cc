#include "formats/parquet/joined_files.h"

#include <arrow/array.h>
#include <arrow/compare.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/change_file_writer.h"
#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/parquet_writer.h"
#include "formats/parquet/table_columns.h"

namespace cdclake::parquet {
namespace {

/// The rows of files, one file after the other, a row group at a time.
class RowStream {
 public:
  RowStream(const StageParts& parts, const std::vector<lake::LakePath>& paths)
      : parts_(parts), paths_(paths) {}

  /// The rows that come next, at most `rows_max`; null at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> next(std::int64_t rows_max) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t rows, ready());
    const auto taken = rows_ ? rows_->Slice(row_, std::min(rows, rows_max)) : nullptr;
    if (taken) row_ += taken->num_rows();
    return taken;
  }

  /// How many rows can be had at once; 0 at the end.
  Result<std::int64_t> ready() {
    while (!rows_ || row_ == rows_->num_rows()) {
      rows_.reset();
      row_ = 0;
      if (parts_.stop.stop_requested()) return fail(ErrorKind::kCancelled, "upkeep was stopped");
      if (reader_ && group_ == reader_->group_count()) reader_.reset();
      if (!reader_) {
        if (file_ == paths_.size()) return 0;
        CDCLAKE_ASSIGN_OR_RETURN(reader_, ParquetReader::open(parts_.fs, paths_[file_++]));
        group_ = 0;
        continue;
      }
      CDCLAKE_ASSIGN_OR_RETURN(const auto table, reader_->read_group(group_++));
      CDCLAKE_ASSIGN_OR_RETURN(rows_, table->CombineChunksToBatch());
    }
    return rows_->num_rows() - row_;
  }

 private:
  const StageParts& parts_;
  const std::vector<lake::LakePath>& paths_;
  std::size_t file_ = 0;
  std::optional<ParquetReader> reader_;
  int group_ = 0;
  std::shared_ptr<arrow::RecordBatch> rows_;
  std::int64_t row_ = 0;
};

/// Cell by cell, bit by bit as far as numbers go: a NaN equals itself, and 0 is not -0.
bool have_same_cells(const arrow::RecordBatch& one, const arrow::RecordBatch& other) {
  const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  if (one.num_columns() != other.num_columns()) return false;
  for (int i = 0; i < one.num_columns(); ++i) {
    if (!one.schema()->field(i)->Equals(*other.schema()->field(i))) return false;
    if (!one.column(i)->Equals(*other.column(i), options)) return false;
  }
  return true;
}

}  // namespace

Result<std::int64_t> join_stage_files(const StageParts& parts, lake::FileWriter& out,
                                      const std::map<std::string, std::string>& footer) {
  CDCLAKE_ASSIGN_OR_RETURN(auto writer, ParquetWriter::open(out, stage_arrow_schema(parts.schema),
                                                            stage_layout(parts.schema)));
  RowStream rows(parts, parts.paths);
  for (;;) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t count, rows.ready());
    CDCLAKE_ASSIGN_OR_RETURN(const auto batch, rows.next(count));
    if (!batch) break;
    CDCLAKE_RETURN_IF_ERROR(writer.write(*batch));
  }
  return std::move(writer).finish(footer);
}

Status prove_joined(const StageParts& parts, const lake::LakePath& joined) {
  const std::vector<lake::LakePath> one = {joined};
  RowStream expected(parts, parts.paths);
  RowStream found(parts, one);
  std::int64_t compared = 0;
  for (;;) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t wanted, expected.ready());
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t there, found.ready());
    if (wanted == 0 && there == 0) return {};
    const std::int64_t count = std::min(wanted, there);
    if (count > 0) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto left, expected.next(count));
      CDCLAKE_ASSIGN_OR_RETURN(const auto right, found.next(count));
      compared += count;
      if (have_same_cells(*left, *right)) continue;
    }
    return fail(ErrorKind::kCorrupt,
                "stage files that were put together do not give back their rows (nothing was "
                "changed; the disk or a file may be damaged: cdclake audit --deep): after " +
                    std::to_string(compared) + " rows: " + parts.fs.absolute(parts.paths.front()));
  }
}

}  // namespace cdclake::parquet
