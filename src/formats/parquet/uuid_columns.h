#pragma once

#include <arrow/type_fwd.h>

#include <memory>

namespace cdclake::parquet {

/// In memory a UUID is a plain 16-byte binary, which every Arrow builder makes; in files a column
/// of them carries Parquet's UUID type. Fields of structs stay plain.
std::shared_ptr<arrow::Schema> mark_uuids(const arrow::Schema& schema);

/// The same batch under the schema that `mark_uuids` made; copies nothing.
std::shared_ptr<arrow::RecordBatch> mark_uuids(const arrow::RecordBatch& batch,
                                               const std::shared_ptr<arrow::Schema>& marked);

}  // namespace cdclake::parquet
