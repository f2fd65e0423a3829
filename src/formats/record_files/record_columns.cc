#include "formats/record_files/record_columns.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

namespace cdclake::record_files {
namespace {

constexpr std::size_t kKeptBytesMax = 16 << 20;  ///< One huge value must not stay for ever.

void set_bit(std::vector<std::uint8_t>& bits, std::size_t index, const bool value) {
  if (index % 8 == 0) bits.push_back(0);
  if (value) bits.back() = static_cast<std::uint8_t>(bits.back() | (1U << (index % 8)));
}

template <typename T>
std::shared_ptr<arrow::Buffer> borrow(const T& values) {
  return std::make_shared<arrow::Buffer>(
      reinterpret_cast<const std::uint8_t*>(values.data()),
      static_cast<std::int64_t>(values.size() * sizeof(typename T::value_type)));
}

template <typename T>
std::shared_ptr<arrow::ArrayData> numbers(const std::shared_ptr<arrow::DataType>& type,
                                          const std::vector<T>& values) {
  return arrow::ArrayData::Make(type, static_cast<std::int64_t>(values.size()),
                                {nullptr, borrow(values)}, 0);
}

std::shared_ptr<arrow::ArrayData> binaries(const std::shared_ptr<arrow::DataType>& type,
                                           const BinaryColumn& column) {
  const auto count = static_cast<std::int64_t>(column.ends.size()) - 1;
  auto valid = column.null_count == 0 ? nullptr : borrow(column.valid);
  return arrow::ArrayData::Make(type, count,
                                {std::move(valid), borrow(column.ends), borrow(column.bytes)},
                                column.null_count);
}

}  // namespace

std::shared_ptr<arrow::Schema> record_arrow_schema() {
  const auto required = [](const char* name, std::shared_ptr<arrow::DataType> type) {
    return arrow::field(name, std::move(type), /*nullable=*/false);
  };
  const auto header =
      arrow::struct_({required("key", arrow::binary()), arrow::field("value", arrow::binary())});
  return arrow::schema({
      required("topic", arrow::utf8()),
      required("partition", arrow::int32()),
      required("offset", arrow::int64()),
      arrow::field("timestamp", arrow::timestamp(arrow::TimeUnit::MILLI, "UTC")),
      required("timestamp_type", arrow::int8()),
      arrow::field("key", arrow::binary()),
      arrow::field("value", arrow::binary()),
      required("headers", arrow::list(required("element", header))),
      required("ingest_ts", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")),
  });
}

void BinaryColumn::append(const std::optional<std::string_view>& value) {
  set_bit(valid, ends.size() - 1, value.has_value());
  if (value) {
    bytes.append(*value);
  } else {
    ++null_count;
  }
  ends.push_back(static_cast<std::int32_t>(bytes.size()));
}

void BinaryColumn::clear() {
  if (bytes.capacity() > kKeptBytesMax) std::string().swap(bytes);
  bytes.clear();
  ends.resize(1);
  valid.clear();
  null_count = 0;
}

void RecordColumns::append(const model::RawRecord& record, std::int64_t ingest_ts_us) {
  const bool has_timestamp = record.timestamp_ms != -1;
  set_bit(timestamp_valid_, offset_.size(), has_timestamp);
  if (!has_timestamp) ++timestamp_nulls_;
  topic_.append(record.partition->topic);
  partition_.push_back(record.partition->partition);
  offset_.push_back(record.offset);
  timestamp_.push_back(record.timestamp_ms);
  timestamp_type_.push_back(static_cast<std::int8_t>(record.timestamp_type));
  key_.append(record.key);
  value_.append(record.value);
  for (const model::Header& header : record.headers) {
    header_key_.append(header.key);
    header_value_.append(header.value);
  }
  header_ends_.push_back(static_cast<std::int32_t>(header_key_.ends.size() - 1));
  ingest_ts_.push_back(ingest_ts_us);
  bytes_ += model::bytes_of(record);
}

std::shared_ptr<arrow::RecordBatch> RecordColumns::batch(
    const std::shared_ptr<arrow::Schema>& schema) const {
  const auto type = [&](int column) { return schema->field(column)->type(); };
  auto timestamp = numbers(type(3), timestamp_);
  if (timestamp_nulls_ > 0) timestamp->buffers[0] = borrow(timestamp_valid_);
  timestamp->null_count = timestamp_nulls_;

  const auto header_type = type(7)->field(0)->type();
  auto headers = arrow::ArrayData::Make(
      header_type, static_cast<std::int64_t>(header_key_.ends.size()) - 1, {nullptr},
      {binaries(header_type->field(0)->type(), header_key_),
       binaries(header_type->field(1)->type(), header_value_)},
      0);
  auto lists = arrow::ArrayData::Make(type(7), row_count(), {nullptr, borrow(header_ends_)},
                                      {std::move(headers)}, 0);
  return arrow::RecordBatch::Make(
      schema, row_count(),
      {binaries(type(0), topic_), numbers(type(1), partition_), numbers(type(2), offset_),
       std::move(timestamp), numbers(type(4), timestamp_type_), binaries(type(5), key_),
       binaries(type(6), value_), std::move(lists), numbers(type(8), ingest_ts_)});
}

void RecordColumns::clear() {
  for (BinaryColumn* column : {&topic_, &key_, &value_, &header_key_, &header_value_}) {
    column->clear();
  }
  partition_.clear();
  offset_.clear();
  timestamp_.clear();
  timestamp_valid_.clear();
  timestamp_nulls_ = 0;
  timestamp_type_.clear();
  header_ends_.resize(1);
  ingest_ts_.clear();
  bytes_ = 0;
}

}  // namespace cdclake::record_files
