#include "stages/silver_current/read_rows/whole_columns.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>

#include <utility>

#include "base/assert.h"
#include "formats/parquet/arrow_result.h"

namespace cdclake::silver_current {

Result<std::shared_ptr<arrow::Table>> with_whole_columns(std::shared_ptr<arrow::Table> table) {
  const auto schema = table->schema();
  const std::int64_t rows = table->num_rows();
  auto columns = table->columns();
  table.reset();
  for (auto& column : columns) {
    if (column->num_chunks() == 1) continue;
    CDCLAKE_ASSIGN_OR_RETURN(auto whole, column->num_chunks() == 0
                                             ? arrow::MakeEmptyArray(column->type())
                                             : arrow::Concatenate(column->chunks()));
    column = std::make_shared<arrow::ChunkedArray>(std::move(whole));
  }
  return arrow::Table::Make(schema, std::move(columns), rows);
}

std::shared_ptr<arrow::Array> whole_column(const arrow::Table& table, const std::string& name) {
  const auto column = table.GetColumnByName(name);
  CDCLAKE_ASSERT(column != nullptr && column->num_chunks() == 1);
  return column->chunk(0);
}

}  // namespace cdclake::silver_current
