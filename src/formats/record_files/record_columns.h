#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/record.h"

namespace cdclake::record_files {

/// The columns of a Bronze file, in order: docs/formats/bronze.md.
std::shared_ptr<arrow::Schema> record_arrow_schema();

/// Values of one binary column back to back, as Arrow lays them out; keeps its memory when cleared.
struct BinaryColumn {
  std::string bytes;
  std::vector<std::int32_t> ends{0};
  std::vector<std::uint8_t> valid;  ///< A bit a value.
  std::int64_t null_count = 0;

  void append(const std::optional<std::string_view>& value);
  void clear();
};

/// Records of a batch, copied into columns that are reused from batch to batch.
class RecordColumns {
 public:
  void append(const model::RawRecord& record, std::int64_t ingest_ts_us);
  /// The buffered rows; borrows from this object until the next change.
  std::shared_ptr<arrow::RecordBatch> batch(const std::shared_ptr<arrow::Schema>& schema) const;
  void clear();

  std::int64_t row_count() const { return static_cast<std::int64_t>(offset_.size()); }
  std::int64_t bytes() const { return bytes_; }

 private:
  BinaryColumn topic_;
  std::vector<std::int32_t> partition_;
  std::vector<std::int64_t> offset_;
  std::vector<std::int64_t> timestamp_;
  std::vector<std::uint8_t> timestamp_valid_;
  std::int64_t timestamp_nulls_ = 0;
  std::vector<std::int8_t> timestamp_type_;
  BinaryColumn key_;
  BinaryColumn value_;
  std::vector<std::int32_t> header_ends_{0};
  BinaryColumn header_key_;
  BinaryColumn header_value_;
  std::vector<std::int64_t> ingest_ts_;
  std::int64_t bytes_ = 0;
};

}  // namespace cdclake::record_files
