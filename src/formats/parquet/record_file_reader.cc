#include "formats/parquet/record_file_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <set>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/open_parquet_file.h"
#include "formats/parquet/record_columns.h"

namespace cdclake::parquet {
namespace {

constexpr std::int64_t kBatchRows = 256;

template <typename Array>
const Array& column(const arrow::RecordBatch& batch, int index) {
  return static_cast<const Array&>(*batch.column(index));
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
       std::unique_ptr<arrow::RecordBatchReader> batches,
       std::span<const model::PartitionId> partitions, std::string name)
      : file_(std::move(file)),
        batches_(std::move(batches)),
        partitions_(partitions),
        name_(std::move(name)) {}

  Result<std::span<const model::RawRecord>> next() {
    records_.clear();
    headers_.clear();
    if (auto status = as_result(batches_->ReadNext(&batch_)); !status) {
      return fail(status.error().kind, status.error().message + ": " + name_);
    }
    if (!batch_) return std::span<const model::RawRecord>();
    read_headers();
    records_.reserve(static_cast<std::size_t>(batch_->num_rows()));
    for (std::int64_t row = 0; row < batch_->num_rows(); ++row) {
      CDCLAKE_ASSIGN_OR_RETURN(const model::PartitionId* partition, partition_at(row));
      records_.push_back(record_at(row, *partition));
    }
    return std::span<const model::RawRecord>(records_);
  }

  std::int64_t ingest_ts_us(std::size_t i) const {
    return column<arrow::TimestampArray>(*batch_, 8).Value(static_cast<std::int64_t>(i));
  }

 private:
  void read_headers() {
    const auto& lists = column<arrow::ListArray>(*batch_, 7);
    const auto& structs = static_cast<const arrow::StructArray&>(*lists.values());
    header_fields_ = {structs.field(0), structs.field(1)};
    const auto& keys = static_cast<const arrow::BinaryArray&>(*header_fields_[0]);
    const auto& values = static_cast<const arrow::BinaryArray&>(*header_fields_[1]);
    headers_.reserve(static_cast<std::size_t>(structs.length()));
    for (std::int64_t i = 0; i < structs.length(); ++i) {
      headers_.push_back({keys.GetView(i), bytes_at(values, i)});
    }
  }

  model::RawRecord record_at(std::int64_t row, const model::PartitionId& partition) const {
    const auto& timestamps = column<arrow::TimestampArray>(*batch_, 3);
    const auto& lists = column<arrow::ListArray>(*batch_, 7);
    return {
        .partition = &partition,
        .offset = column<arrow::Int64Array>(*batch_, 2).Value(row),
        .timestamp_ms = timestamps.IsNull(row) ? -1 : timestamps.Value(row),
        .timestamp_type =
            static_cast<model::TimestampType>(column<arrow::Int8Array>(*batch_, 4).Value(row)),
        .key = bytes_at(column<arrow::BinaryArray>(*batch_, 5), row),
        .value = bytes_at(column<arrow::BinaryArray>(*batch_, 6), row),
        .headers = std::span(headers_).subspan(static_cast<std::size_t>(lists.value_offset(row)),
                                               static_cast<std::size_t>(lists.value_length(row)))};
  }

  /// Most rows are of the partition of the row before.
  Result<const model::PartitionId*> partition_at(std::int64_t row) {
    const std::string_view topic = column<arrow::StringArray>(*batch_, 0).GetView(row);
    const std::int32_t number = column<arrow::Int32Array>(*batch_, 1).Value(row);
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
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::span<const model::PartitionId> partitions_;
  std::string name_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::vector<std::shared_ptr<arrow::Array>> header_fields_;
  std::vector<model::Header> headers_;
  std::vector<model::RawRecord> records_;
  const model::PartitionId* last_ = nullptr;
};

Result<RecordFileReader> RecordFileReader::open(lake::LakeFs& fs, const lake::LakePath& path,
                                                std::span<const model::PartitionId> partitions) {
  if (!are_distinct(partitions)) {
    return fail(ErrorKind::kCorrupt,
                "a Bronze file holds two lives of a partition: " + fs.absolute(path));
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto file, open_parquet_file(fs, path, kBatchRows));
  std::shared_ptr<arrow::Schema> schema;
  CDCLAKE_RETURN_IF_ERROR(file->GetSchema(&schema));
  if (!schema->Equals(*record_arrow_schema(), /*check_metadata=*/false)) {
    return fail(ErrorKind::kCorrupt,
                "not a Bronze file of this program, its columns differ: " + fs.absolute(path));
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto batches, file->GetRecordBatchReader());
  return RecordFileReader(
      std::make_unique<Impl>(std::move(file), std::move(batches), partitions, fs.absolute(path)));
}

RecordFileReader::RecordFileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordFileReader::RecordFileReader(RecordFileReader&&) noexcept = default;
RecordFileReader& RecordFileReader::operator=(RecordFileReader&&) noexcept = default;
RecordFileReader::~RecordFileReader() = default;

Result<std::span<const model::RawRecord>> RecordFileReader::next() { return impl_->next(); }
std::int64_t RecordFileReader::ingest_ts_us(std::size_t i) const { return impl_->ingest_ts_us(i); }

}  // namespace cdclake::parquet
