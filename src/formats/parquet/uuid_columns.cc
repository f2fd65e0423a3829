#include "formats/parquet/uuid_columns.h"

#include <arrow/array/data.h>
#include <arrow/extension/uuid.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>
#include <vector>

namespace cdclake::parquet {
namespace {

constexpr int kUuidBytes = 16;

bool is_uuid(const arrow::DataType& type) {
  return type.id() == arrow::Type::FIXED_SIZE_BINARY &&
         static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width() == kUuidBytes;
}

}  // namespace

std::shared_ptr<arrow::Schema> mark_uuids(const arrow::Schema& schema) {
  std::vector<std::shared_ptr<arrow::Field>> fields = schema.fields();
  for (auto& field : fields) {
    if (is_uuid(*field->type())) field = field->WithType(arrow::extension::uuid());
  }
  return arrow::schema(std::move(fields), schema.metadata());
}

std::shared_ptr<arrow::RecordBatch> mark_uuids(const arrow::RecordBatch& batch,
                                               const std::shared_ptr<arrow::Schema>& marked) {
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  columns.reserve(static_cast<std::size_t>(batch.num_columns()));
  for (int i = 0; i < batch.num_columns(); ++i) {
    auto column = batch.column_data(i);
    const auto& type = marked->field(i)->type();
    if (type->id() == arrow::Type::EXTENSION && column->type->id() != arrow::Type::EXTENSION) {
      column = column->Copy();
      column->type = type;
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(marked, batch.num_rows(), std::move(columns));
}

}  // namespace cdclake::parquet
