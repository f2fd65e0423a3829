#include "formats/record_files/record_file_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <set>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/open_parquet_file.h"
#include "formats/record_files/record_columns.h"

namespace cdclake::record_files {
namespace {

constexpr std::int64_t kBatchRows = 256;

/// The columns of a batch, which owns them. Looked up once a batch: each look costs the batch an
/// atomic load.
struct Columns {
  const arrow::StringArray* topic = nullptr;
  const arrow::Int32Array* partition = nullptr;
  const arrow::Int64Array* offset = nullptr;
  const arrow::TimestampArray* timestamp = nullptr;
  const arrow::Int8Array* timestamp_type = nullptr;
  const arrow::BinaryArray* key = nullptr;
  const arrow::BinaryArray* value = nullptr;
  const arrow::ListArray* headers = nullptr;
  const arrow::TimestampArray* ingest_ts = nullptr;
};

Columns columns_of(const arrow::RecordBatch& batch) {
  int index = 0;
  const auto next = [&]<typename ArrayType>(const ArrayType*& out) {
    out = static_cast<const ArrayType*>(batch.column(index++).get());
  };
  Columns columns;
  next(columns.topic);
  next(columns.partition);
  next(columns.offset);
  next(columns.timestamp);
  next(columns.timestamp_type);
  next(columns.key);
  next(columns.value);
  next(columns.headers);
  next(columns.ingest_ts);
  return columns;
}

std::optional<std::string_view> bytes_at(const arrow::BinaryArray& array, std::int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  return array.GetView(row);
}

/// An offset must name one record, which it does not over two lives of a topic.
bool are_distinct(std::span<const model::PartitionId> partitions) {
  std::set<std::pair<std::string_view, std::int32_t>> seen;
  return std::ranges::all_of(partitions, [&](const model::PartitionId& partition) {
    return seen.emplace(partition.topic, partition.partition).second;
  });
}

}  // namespace

class RecordFileReader::Impl {
 public:
  Impl(std::unique_ptr<::parquet::arrow::FileReader> file,
       std::span<const model::PartitionId> partitions, std::string name,
       std::int64_t batch_bytes_max)
      : file_(std::move(file)),
        partitions_(partitions),
        name_(std::move(name)),
        batch_bytes_max_(batch_bytes_max) {}

  std::int64_t batch_bytes() const {
    std::int64_t bytes = 0;
    const auto metadata = file_->parquet_reader()->metadata();
    for (int group = 0; group < metadata->num_row_groups(); ++group)
      bytes = std::max(bytes, rows_at_once(group) * parquet::row_bytes(*metadata, group));
    return bytes;
  }

  Result<std::span<const model::RawRecord>> next() {
    records_.clear();
    headers_.clear();
    if (auto status = read_batch(); !status) {
      return fail(status.error().kind, status.error().message + ": " + name_);
    }
    if (!batch_) return std::span<const model::RawRecord>();
    columns_ = columns_of(*batch_);
    read_headers();
    records_.reserve(static_cast<std::size_t>(batch_->num_rows()));
    for (std::int64_t row = 0; row < batch_->num_rows(); ++row) {
      CDCLAKE_ASSIGN_OR_RETURN(const model::PartitionId* partition, partition_at(row));
      records_.push_back(record_at(row, *partition));
    }
    return std::span<const model::RawRecord>(records_);
  }

  std::int64_t ingest_ts_us(std::size_t i) const {
    return columns_.ingest_ts->Value(static_cast<std::int64_t>(i));
  }

 private:
  /// Batches end with their row group, whose size the writer bounds.
  Status read_batch() {
    batch_ = nullptr;
    while (!batch_) {
      if (!batches_) {
        if (next_group_ == file_->num_row_groups()) return {};
        file_->set_batch_size(rows_at_once(next_group_));
        CDCLAKE_ASSIGN_OR_RETURN(batches_, file_->GetRecordBatchReader({next_group_++}));
      }
      CDCLAKE_RETURN_IF_ERROR(batches_->ReadNext(&batch_));
      if (!batch_) batches_ = nullptr;
    }
    return {};
  }

  std::int64_t rows_at_once(int group) const {
    const auto metadata = file_->parquet_reader()->metadata();
    const std::int64_t bytes = std::max<std::int64_t>(1, parquet::row_bytes(*metadata, group));
    return std::clamp<std::int64_t>(batch_bytes_max_ / bytes, 1, kBatchRows);
  }

  void read_headers() {
    const auto& structs = static_cast<const arrow::StructArray&>(*columns_.headers->values());
    header_fields_ = {structs.field(0), structs.field(1)};
    const auto& keys = static_cast<const arrow::BinaryArray&>(*header_fields_[0]);
    const auto& values = static_cast<const arrow::BinaryArray&>(*header_fields_[1]);
    headers_.reserve(static_cast<std::size_t>(structs.length()));
    for (std::int64_t i = 0; i < structs.length(); ++i) {
      headers_.push_back({keys.GetView(i), bytes_at(values, i)});
    }
  }

  model::RawRecord record_at(std::int64_t row, const model::PartitionId& partition) const {
    const arrow::TimestampArray& timestamps = *columns_.timestamp;
    const arrow::ListArray& lists = *columns_.headers;
    return {
        .partition = &partition,
        .offset = columns_.offset->Value(row),
        .timestamp_ms = timestamps.IsNull(row) ? -1 : timestamps.Value(row),
        .timestamp_type = static_cast<model::TimestampType>(columns_.timestamp_type->Value(row)),
        .key = bytes_at(*columns_.key, row),
        .value = bytes_at(*columns_.value, row),
        .headers = std::span(headers_).subspan(static_cast<std::size_t>(lists.value_offset(row)),
                                               static_cast<std::size_t>(lists.value_length(row)))};
  }

  /// Most rows are of the partition of the row before.
  Result<const model::PartitionId*> partition_at(std::int64_t row) {
    const std::string_view topic = columns_.topic->GetView(row);
    const std::int32_t number = columns_.partition->Value(row);
    const auto is_it = [&](const model::PartitionId& partition) {
      return partition.partition == number && partition.topic == topic;
    };
    if (last_ && is_it(*last_)) return last_;
    for (const model::PartitionId& partition : partitions_) {
      if (is_it(partition)) return last_ = &partition;
    }
    return fail(ErrorKind::kCorrupt,
                "Bronze file holds a record of a partition that is none of its segments': topic=" +
                    std::string(topic) + " partition=" + std::to_string(number) + ": " + name_);
  }

  std::unique_ptr<::parquet::arrow::FileReader> file_;  ///< `batches_` reads through it.
  std::unique_ptr<arrow::RecordBatchReader> batches_;   ///< Of the row group that is being read.
  int next_group_ = 0;
  std::span<const model::PartitionId> partitions_;
  std::string name_;
  std::int64_t batch_bytes_max_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  Columns columns_;  ///< Of `batch_`.
  std::vector<std::shared_ptr<arrow::Array>> header_fields_;
  std::vector<model::Header> headers_;
  std::vector<model::RawRecord> records_;
  const model::PartitionId* last_ = nullptr;
};

Result<RecordFileReader> RecordFileReader::open(lake::LakeFs& fs, const lake::LakePath& path,
                                                std::span<const model::PartitionId> partitions,
                                                std::int64_t batch_bytes_max) {
  if (!are_distinct(partitions)) {
    return fail(ErrorKind::kCorrupt,
                "a Bronze file holds two lives of a partition: " + fs.absolute(path));
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto file, parquet::open_parquet_file(fs, path, kBatchRows));
  std::shared_ptr<arrow::Schema> schema;
  CDCLAKE_RETURN_IF_ERROR(file->GetSchema(&schema));
  if (!schema->Equals(*record_arrow_schema(), /*check_metadata=*/false)) {
    return fail(ErrorKind::kCorrupt,
                "not a Bronze file of this program, its columns differ: " + fs.absolute(path));
  }
  return RecordFileReader(
      std::make_unique<Impl>(std::move(file), partitions, fs.absolute(path), batch_bytes_max));
}

RecordFileReader::RecordFileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordFileReader::RecordFileReader(RecordFileReader&&) noexcept = default;
RecordFileReader& RecordFileReader::operator=(RecordFileReader&&) noexcept = default;
RecordFileReader::~RecordFileReader() = default;

std::int64_t RecordFileReader::batch_bytes() const { return impl_->batch_bytes(); }
Result<std::span<const model::RawRecord>> RecordFileReader::next() { return impl_->next(); }
std::int64_t RecordFileReader::ingest_ts_us(std::size_t i) const { return impl_->ingest_ts_us(i); }

}  // namespace cdclake::record_files
