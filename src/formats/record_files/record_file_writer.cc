#include "formats/record_files/record_file_writer.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "formats/parquet/parquet_writer.h"
#include "formats/record_files/record_columns.h"

namespace cdclake::record_files {
namespace {

// Small enough for the rows to stay in the processor's cache between copying and encoding.
constexpr std::int64_t kBatchRowsMax = 2048;
constexpr std::int64_t kBatchBytesMax = 1 << 20;
constexpr std::int64_t kRecordBytesMax = 1 << 30;  ///< Arrow counts a column's bytes in 32 bits.

parquet::ParquetLayout record_layout(std::int64_t group_bytes_max) {
  parquet::ParquetLayout layout;
  layout.group_bytes_max = group_bytes_max;
  layout.group_rows_max = 100'000;
  // Bronze is read from front to back: larger pages than elsewhere compress better and faster.
  layout.page_bytes_max = 256 * 1024;
  layout.page_check_rows = 256;
  layout.dictionary_columns = {"topic", "partition", "timestamp_type", "headers"};
  layout.delta_columns = {"offset", "timestamp", "ingest_ts"};
  layout.no_statistics_columns = {"key", "value", "headers"};
  return layout;
}

Error too_large(const model::RawRecord& record, std::int64_t bytes) {
  return Error{ErrorKind::kInvalidConfig,
               "cannot store a record of more than 1 GiB: bytes=" + std::to_string(bytes) +
                   " topic=" + record.partition->topic +
                   " partition=" + std::to_string(record.partition->partition) +
                   " offset=" + std::to_string(record.offset)};
}

}  // namespace

class RecordFileWriter::Impl {
 public:
  Impl(parquet::ParquetWriter writer, std::shared_ptr<arrow::Schema> schema)
      : writer_(std::move(writer)), schema_(std::move(schema)) {}

  Status append(const model::RawRecord& record, std::int64_t ingest_ts_us) {
    const std::int64_t bytes = model::bytes_of(record);
    if (bytes > kRecordBytesMax) return tl::unexpected<Error>(too_large(record, bytes));
    const bool full =
        columns_.row_count() >= kBatchRowsMax || columns_.bytes() + bytes > kBatchBytesMax;
    if (full) CDCLAKE_RETURN_IF_ERROR(flush());
    columns_.append(record, ingest_ts_us);
    ++row_count_;
    return {};
  }

  std::int64_t row_count() const { return row_count_; }
  std::int64_t buffered_bytes() const { return columns_.bytes() + writer_.buffered_bytes(); }

  Result<std::int64_t> finish(const std::map<std::string, std::string>& footer) {
    CDCLAKE_RETURN_IF_ERROR(flush());
    return std::move(writer_).finish(footer);
  }

 private:
  Status flush() {
    if (columns_.row_count() == 0) return {};
    CDCLAKE_RETURN_IF_ERROR(writer_.write(*columns_.batch(schema_)));
    columns_.clear();
    return {};
  }

  parquet::ParquetWriter writer_;
  std::shared_ptr<arrow::Schema> schema_;
  RecordColumns columns_;
  std::int64_t row_count_ = 0;
};

Result<RecordFileWriter> RecordFileWriter::open(lake::FileWriter& file,
                                                std::int64_t group_bytes_max) {
  auto schema = record_arrow_schema();
  CDCLAKE_ASSIGN_OR_RETURN(
      auto writer, parquet::ParquetWriter::open(file, schema, record_layout(group_bytes_max)));
  return RecordFileWriter(std::make_unique<Impl>(std::move(writer), std::move(schema)));
}

RecordFileWriter::RecordFileWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordFileWriter::RecordFileWriter(RecordFileWriter&&) noexcept = default;
RecordFileWriter& RecordFileWriter::operator=(RecordFileWriter&&) noexcept = default;
RecordFileWriter::~RecordFileWriter() = default;

Status RecordFileWriter::append(const model::RawRecord& record, std::int64_t ingest_ts_us) {
  return impl_->append(record, ingest_ts_us);
}
std::int64_t RecordFileWriter::row_count() const { return impl_->row_count(); }
std::int64_t RecordFileWriter::buffered_bytes() const { return impl_->buffered_bytes(); }

Result<std::int64_t> RecordFileWriter::finish(const std::map<std::string, std::string>& footer) && {
  return impl_->finish(footer);
}

}  // namespace cdclake::record_files
