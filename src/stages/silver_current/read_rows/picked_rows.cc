#include "stages/silver_current/read_rows/picked_rows.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "stages/silver_current/read_rows/whole_columns.h"

namespace cdclake::silver_current {
namespace {

Result<std::shared_ptr<arrow::Table>> take_rows(const std::shared_ptr<arrow::Table>& table,
                                                std::span<const std::int64_t> rows,
                                                std::int64_t first) {
  arrow::Int64Builder indices;
  CDCLAKE_RETURN_IF_ERROR(indices.Reserve(static_cast<std::int64_t>(rows.size())));
  for (const std::int64_t row : rows) indices.UnsafeAppend(row - first);
  CDCLAKE_ASSIGN_OR_RETURN(const auto index_array, indices.Finish());
  CDCLAKE_ASSIGN_OR_RETURN(const auto taken,
                           arrow::compute::Take(arrow::Datum(table), arrow::Datum(index_array)));
  return taken.table();
}

}  // namespace

Result<Fit> PickedRows::add(parquet::ParquetReader& reader, std::span<const std::int64_t> rows) {
  std::int64_t first = 0;
  for (int group = 0; group < reader.group_count() && !rows.empty(); ++group) {
    const std::int64_t next = first + reader.group_rows(group);
    const auto here =
        rows.first(static_cast<std::size_t>(std::ranges::lower_bound(rows, next) - rows.begin()));
    rows = rows.subspan(here.size());
    if (!here.empty()) {
      CDCLAKE_ASSIGN_OR_RETURN(auto part, reader.read_group(group, columns_));
      const bool is_whole = static_cast<std::int64_t>(here.size()) == next - first;
      if (!is_whole) {
        CDCLAKE_ASSIGN_OR_RETURN(part, take_rows(part, here, first));
      }
      bytes_ += arrow::util::TotalBufferSize(*part);
      parts_.push_back(std::move(part));
      if (bytes_ > bytes_max_) return Fit::kTooLarge;
    }
    first = next;
  }
  return Fit::kFits;
}

Result<std::shared_ptr<arrow::Table>> PickedRows::finish() && {
  if (parts_.empty()) return nullptr;
  CDCLAKE_ASSIGN_OR_RETURN(auto all, arrow::ConcatenateTables(parts_));
  parts_.clear();
  return with_whole_columns(std::move(all));
}

}  // namespace cdclake::silver_current
