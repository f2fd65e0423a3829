#include "formats/parquet/cell_column.h"

#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include "base/assert.h"

namespace cdclake::parquet {

template <typename Builder>
arrow::Status CellColumn::append_integer(CellColumn& column, const model::Cell& cell) {
  using Value = typename Builder::value_type;
  return static_cast<Builder&>(*column.builder_).Append(static_cast<Value>(cell.integer));
}

template <typename Builder>
arrow::Status CellColumn::append_real(CellColumn& column, const model::Cell& cell) {
  using Value = typename Builder::value_type;
  return static_cast<Builder&>(*column.builder_).Append(static_cast<Value>(cell.real));
}

template <typename Builder>
arrow::Status CellColumn::append_bytes(CellColumn& column, const model::Cell& cell) {
  return static_cast<Builder&>(*column.builder_).Append(cell.bytes);
}

arrow::Status CellColumn::append_fixed(CellColumn& column, const model::Cell& cell) {
  auto& builder = static_cast<arrow::FixedSizeBinaryBuilder&>(*column.builder_);
  CDCLAKE_ASSERT(static_cast<std::int32_t>(cell.bytes.size()) == builder.byte_width());
  return builder.Append(cell.bytes.data());
}

arrow::Status CellColumn::append_list(CellColumn& column, const model::Cell& cell) {
  ARROW_RETURN_NOT_OK(static_cast<arrow::ListBuilder&>(*column.builder_).Append());
  for (const model::Cell& item : cell.items) {
    ARROW_RETURN_NOT_OK(column.element_.front().append(item));
  }
  return arrow::Status::OK();
}

CellColumn::AppendValue CellColumn::choose(const arrow::ArrayBuilder& builder) {
  switch (builder.type()->id()) {
    case arrow::Type::BOOL:
      return append_integer<arrow::BooleanBuilder>;
    case arrow::Type::INT16:
      return append_integer<arrow::Int16Builder>;
    case arrow::Type::INT32:
      return append_integer<arrow::Int32Builder>;
    case arrow::Type::INT64:
      return append_integer<arrow::Int64Builder>;
    case arrow::Type::DATE32:
      return append_integer<arrow::Date32Builder>;
    case arrow::Type::TIME64:
      return append_integer<arrow::Time64Builder>;
    case arrow::Type::TIMESTAMP:
      return append_integer<arrow::TimestampBuilder>;
    case arrow::Type::FLOAT:
      return append_real<arrow::FloatBuilder>;
    case arrow::Type::DOUBLE:
      return append_real<arrow::DoubleBuilder>;
    case arrow::Type::STRING:
      return append_bytes<arrow::StringBuilder>;
    case arrow::Type::BINARY:
      return append_bytes<arrow::BinaryBuilder>;
    case arrow::Type::LARGE_STRING:
      return append_bytes<arrow::LargeStringBuilder>;
    case arrow::Type::LARGE_BINARY:
      return append_bytes<arrow::LargeBinaryBuilder>;
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return append_fixed;
    case arrow::Type::LIST:
      return append_list;
    default:
      CDCLAKE_ASSERT(!"a column type without a builder");
      return nullptr;
  }
}

CellColumn::CellColumn(arrow::ArrayBuilder& builder)
    : builder_(&builder), append_value_(choose(builder)) {
  if (builder.type()->id() == arrow::Type::LIST) {
    element_.emplace_back(*static_cast<arrow::ListBuilder&>(builder).value_builder());
  }
}

arrow::Status CellColumn::append(const model::Cell& cell) {
  if (cell.state != model::CellState::kValue) return builder_->AppendNull();
  return append_value_(*this, cell);
}

}  // namespace cdclake::parquet
