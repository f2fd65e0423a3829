#include "formats/parquet/parquet_writer.h"

#include <arrow/array.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "formats/parquet/arrow_result.h"
#include "formats/parquet/lake_streams.h"
#include "formats/parquet/uuid_columns.h"

namespace cdclake::parquet {
namespace {

std::multiset<std::string> paths_of(const ::parquet::SchemaDescriptor& leaves) {
  std::multiset<std::string> paths;
  for (int leaf = 0; leaf < leaves.num_columns(); ++leaf) {
    paths.insert(leaves.Column(leaf)->path()->ToDotString());
  }
  return paths;
}

/// Settings that hold for the whole file; dictionary only where a column asks for it.
::parquet::WriterProperties::Builder file_properties(const ParquetLayout& layout) {
  ::parquet::WriterProperties::Builder builder;
  builder.compression(::parquet::Compression::ZSTD)
      ->compression_level(layout.zstd_level)
      ->disable_dictionary()
      ->data_pagesize(layout.page_bytes_max)
      ->write_batch_size(layout.page_check_rows)
      ->max_row_group_length(layout.group_rows_max)
      ->enable_write_page_index()
      ->enable_page_checksum();
  return builder;
}

/// The settings of a column are keyed by the leaf's path in dots, which only Parquet's schema
/// knows.
Result<std::shared_ptr<::parquet::WriterProperties>> properties_of(const arrow::Schema& schema,
                                                                   const ParquetLayout& layout) {
  auto builder = file_properties(layout);
  std::shared_ptr<::parquet::SchemaDescriptor> leaves;
  CDCLAKE_RETURN_IF_ERROR(
      ::parquet::arrow::ToParquetSchema(&schema, *::parquet::default_writer_properties(), &leaves));
  const auto paths = paths_of(*leaves);
  for (int leaf = 0; leaf < leaves->num_columns(); ++leaf) {
    const std::string& column = leaves->GetColumnRoot(leaf)->name();
    const bool uses_dictionary = layout.dictionary_columns.contains(column);
    const bool uses_delta = layout.delta_columns.contains(column);
    const bool has_no_statistics = layout.no_statistics_columns.contains(column);
    if (!uses_dictionary && !uses_delta && !has_no_statistics) continue;
    // A list and a column with dots in its name may share a path.
    const auto path = leaves->Column(leaf)->path();
    if (paths.count(path->ToDotString()) > 1) continue;
    if (uses_dictionary) {
      builder.enable_dictionary(path);
    } else if (uses_delta) {
      builder.encoding(path, ::parquet::Encoding::DELTA_BINARY_PACKED);
    }
    if (has_no_statistics) builder.disable_statistics(path);
  }
  return builder.build();
}

constexpr std::int64_t kLargeValueBytes = 1 << 20;

template <typename ArrayType>
bool has_large_value(const arrow::Array& array) {
  const auto& values = static_cast<const ArrayType&>(array);
  if (values.total_values_length() <= kLargeValueBytes) return false;
  for (std::int64_t row = 0; row < values.length(); ++row) {
    if (values.value_length(row) > kLargeValueBytes) return true;
  }
  return false;
}

bool has_large_value(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return has_large_value<arrow::BinaryArray>(array);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return has_large_value<arrow::LargeBinaryArray>(array);
    default:
      return false;
  }
}

bool has_large_value(const arrow::RecordBatch& batch) {
  return std::ranges::any_of(batch.columns(),
                             [](const auto& column) { return has_large_value(*column); });
}

}  // namespace

std::set<std::string> columns_of_large_values(const arrow::Table& table) {
  std::set<std::string> names;
  for (int column = 0; column < table.num_columns(); ++column) {
    const auto& chunks = table.column(column)->chunks();
    if (std::ranges::any_of(chunks, [](const auto& chunk) { return has_large_value(*chunk); })) {
      names.insert(table.field(column)->name());
    }
  }
  return names;
}

class ParquetWriter::Impl {
 public:
  Impl(std::unique_ptr<::parquet::arrow::FileWriter> writer,
       std::shared_ptr<arrow::Schema> file_schema, const ParquetLayout& layout)
      : writer_(std::move(writer)),
        file_schema_(std::move(file_schema)),
        group_rows_max_(layout.group_rows_max),
        group_bytes_max_(layout.group_bytes_max) {}

  Status write(const arrow::RecordBatch& batch) {
    if (batch.num_rows() == 0) return {};
    const auto marked = mark_uuids(batch, file_schema_);
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t bytes, arrow::util::ReferencedBufferSize(batch));
    // An average says little of rows of which one is huge.
    if (batch.num_rows() > 1 && bytes > group_bytes_max_ && has_large_value(batch)) {
      for (std::int64_t row = 0; row < batch.num_rows(); ++row)
        CDCLAKE_RETURN_IF_ERROR(write(*batch.Slice(row, 1)));
      return {};
    }
    const std::int64_t row_bytes = std::max<std::int64_t>(1, bytes / batch.num_rows());
    for (std::int64_t first = 0; first < batch.num_rows();) {
      // A row that is larger than the room left gets a group of its own.
      const bool fits = group_rows_ == 0 || group_bytes_ + row_bytes <= group_bytes_max_;
      if (group_is_full() || !fits) CDCLAKE_RETURN_IF_ERROR(end_group());
      const std::int64_t room =
          std::min(group_rows_max_ - group_rows_, (group_bytes_max_ - group_bytes_) / row_bytes);
      const std::int64_t rows = std::clamp<std::int64_t>(room, 1, batch.num_rows() - first);
      CDCLAKE_RETURN_IF_ERROR(writer_->WriteRecordBatch(*marked->Slice(first, rows)));
      group_rows_ += rows;
      group_bytes_ += rows * row_bytes;
      row_count_ += rows;
      first += rows;
    }
    return {};
  }

  Status write(const arrow::Table& table) {
    arrow::TableBatchReader batches(table);
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      CDCLAKE_RETURN_IF_ERROR(batches.ReadNext(&batch));
      if (!batch) return {};
      CDCLAKE_RETURN_IF_ERROR(write(*batch));
    }
  }

  std::int64_t buffered_bytes() const { return group_bytes_; }

  Result<std::int64_t> finish(const std::map<std::string, std::string>& footer) {
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : footer) pairs->Append(key, value);
    CDCLAKE_RETURN_IF_ERROR(writer_->AddKeyValueMetadata(pairs));
    CDCLAKE_RETURN_IF_ERROR(writer_->Close());
    return row_count_;
  }

 private:
  bool group_is_full() const {
    return group_rows_ >= group_rows_max_ || group_bytes_ >= group_bytes_max_;
  }

  Status end_group() {
    group_rows_ = 0;
    group_bytes_ = 0;
    return as_result(writer_->NewBufferedRowGroup());
  }

  std::unique_ptr<::parquet::arrow::FileWriter> writer_;
  std::shared_ptr<arrow::Schema> file_schema_;
  std::int64_t group_rows_max_;
  std::int64_t group_bytes_max_;
  std::int64_t group_rows_ = 0;
  std::int64_t group_bytes_ = 0;  ///< Before encoding, of the open row group.
  std::int64_t row_count_ = 0;
};

Result<ParquetWriter> ParquetWriter::open(lake::FileWriter& file,
                                          std::shared_ptr<arrow::Schema> schema,
                                          const ParquetLayout& layout) {
  auto file_schema = mark_uuids(*schema);
  CDCLAKE_ASSIGN_OR_RETURN(auto properties, properties_of(*file_schema, layout));
  CDCLAKE_ASSIGN_OR_RETURN(
      auto writer, ::parquet::arrow::FileWriter::Open(*file_schema, arrow::default_memory_pool(),
                                                      output_stream(file), std::move(properties)));
  return ParquetWriter(std::make_unique<Impl>(std::move(writer), std::move(file_schema), layout));
}

ParquetWriter::ParquetWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetWriter::ParquetWriter(ParquetWriter&&) noexcept = default;
ParquetWriter& ParquetWriter::operator=(ParquetWriter&&) noexcept = default;
ParquetWriter::~ParquetWriter() = default;

Status ParquetWriter::write(const arrow::RecordBatch& batch) { return impl_->write(batch); }
Status ParquetWriter::write(const arrow::Table& table) { return impl_->write(table); }

std::int64_t ParquetWriter::buffered_bytes() const { return impl_->buffered_bytes(); }

Result<std::int64_t> ParquetWriter::finish(const std::map<std::string, std::string>& footer) && {
  return impl_->finish(footer);
}

}  // namespace cdclake::parquet
