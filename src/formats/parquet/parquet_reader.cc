#include "formats/parquet/parquet_reader.h"

#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/open_parquet_file.h"

namespace cdclake::parquet {
namespace {

std::map<std::string, std::string> footer_of(const ::parquet::FileMetaData& metadata) {
  std::map<std::string, std::string> footer;
  const auto& pairs = metadata.key_value_metadata();
  if (!pairs) return footer;
  for (std::int64_t i = 0; i < pairs->size(); ++i) {
    if (!pairs->key(i).starts_with("ARROW:")) footer.emplace(pairs->key(i), pairs->value(i));
  }
  return footer;
}

}  // namespace

class ParquetReader::Impl {
 public:
  Impl(std::unique_ptr<::parquet::arrow::FileReader> reader, std::shared_ptr<arrow::Schema> schema,
       std::string name)
      : reader_(std::move(reader)),
        schema_(std::move(schema)),
        name_(std::move(name)),
        metadata_(reader_->parquet_reader()->metadata()),
        footer_(footer_of(*metadata_)) {}

  std::int64_t row_count() const { return metadata_->num_rows(); }
  int group_count() const { return metadata_->num_row_groups(); }
  std::int64_t group_rows(int group) const { return metadata_->RowGroup(group)->num_rows(); }
  std::int64_t row_bytes_max() const {
    std::int64_t bytes = 0;
    for (int group = 0; group < group_count(); ++group)
      bytes = std::max(bytes, row_bytes(*metadata_, group));
    return bytes;
  }
  std::int64_t decoded_bytes(const std::vector<std::string>& columns) const {
    std::int64_t bytes = 0;
    for (int leaf = 0; leaf < metadata_->num_columns(); ++leaf) {
      if (!is_in(columns, leaf)) continue;
      bytes += metadata_->num_rows() * 16;
      for (int group = 0; group < metadata_->num_row_groups(); ++group)
        bytes += metadata_->RowGroup(group)->ColumnChunk(leaf)->total_uncompressed_size();
    }
    return bytes;
  }
  bool is_all_null(const std::string& column) const {
    for (int leaf = 0; leaf < metadata_->num_columns(); ++leaf) {
      if (!is_in({column}, leaf)) continue;
      for (int group = 0; group < metadata_->num_row_groups(); ++group) {
        const auto chunk = metadata_->RowGroup(group)->ColumnChunk(leaf);
        const auto statistics = chunk->statistics();
        if (!statistics || !statistics->HasNullCount() || statistics->num_values() > 0)
          return false;
      }
    }
    return true;
  }
  const std::map<std::string, std::string>& footer() const { return footer_; }
  std::shared_ptr<arrow::Schema> schema() const { return schema_; }

  Result<std::shared_ptr<arrow::Table>> read_group(int group,
                                                   const std::vector<std::string>& columns) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::vector<int> leaves, leaves_of(columns));
    CDCLAKE_ASSIGN_OR_RETURN(auto table, named(reader_->ReadRowGroup(group, leaves)));
    return in_order(std::move(table), columns);
  }

  Result<std::shared_ptr<arrow::Table>> read(const std::vector<std::string>& columns) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::vector<int> leaves, leaves_of(columns));
    CDCLAKE_ASSIGN_OR_RETURN(auto table, named(reader_->ReadTable(leaves)));
    return in_order(std::move(table), columns);
  }

 private:
  /// Parquet reads leaves; a nested column has several.
  Result<std::vector<int>> leaves_of(const std::vector<std::string>& columns) const {
    std::vector<int> leaves;
    for (const std::string& column : columns) {
      if (schema_->GetFieldIndex(column) < 0) {
        return fail(ErrorKind::kCorrupt,
                    "Parquet file has no such column: " + column + ": " + name_);
      }
    }
    for (int leaf = 0; leaf < metadata_->num_columns(); ++leaf) {
      if (columns.empty() || is_in(columns, leaf)) leaves.push_back(leaf);
    }
    return leaves;
  }

  bool is_in(const std::vector<std::string>& columns, int leaf) const {
    return std::ranges::find(columns, metadata_->schema()->GetColumnRoot(leaf)->name()) !=
           columns.end();
  }

  Result<std::shared_ptr<arrow::Table>> named(
      arrow::Result<std::shared_ptr<arrow::Table>>&& table) const {
    if (table.ok()) return std::move(table).ValueUnsafe();
    Error error = error_of(table.status());
    error.message += ": " + name_;
    return tl::unexpected<Error>(std::move(error));
  }

  /// The columns as they were asked for; a file keeps its own order.
  Result<std::shared_ptr<arrow::Table>> in_order(std::shared_ptr<arrow::Table> table,
                                                 const std::vector<std::string>& columns) const {
    if (columns.empty()) return table;
    std::vector<int> indexes;
    for (const std::string& column : columns) {
      indexes.push_back(table->schema()->GetFieldIndex(column));
    }
    return as_result(table->SelectColumns(indexes));
  }

  std::unique_ptr<::parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  std::string name_;
  std::shared_ptr<::parquet::FileMetaData> metadata_;
  std::map<std::string, std::string> footer_;
};

Result<ParquetReader> ParquetReader::open(lake::LakeFs& fs, const lake::LakePath& path) {
  CDCLAKE_ASSIGN_OR_RETURN(auto reader, open_parquet_file(fs, path, kTableBatchRows));
  std::shared_ptr<arrow::Schema> schema;
  CDCLAKE_RETURN_IF_ERROR(reader->GetSchema(&schema));
  return ParquetReader(
      std::make_unique<Impl>(std::move(reader), std::move(schema), fs.absolute(path)));
}

ParquetReader::ParquetReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetReader::ParquetReader(ParquetReader&&) noexcept = default;
ParquetReader& ParquetReader::operator=(ParquetReader&&) noexcept = default;
ParquetReader::~ParquetReader() = default;

std::int64_t ParquetReader::row_count() const { return impl_->row_count(); }
int ParquetReader::group_count() const { return impl_->group_count(); }
std::int64_t ParquetReader::group_rows(int group) const { return impl_->group_rows(group); }
std::int64_t ParquetReader::row_bytes_max() const { return impl_->row_bytes_max(); }
std::int64_t ParquetReader::decoded_bytes(const std::vector<std::string>& columns) const {
  return impl_->decoded_bytes(columns);
}
bool ParquetReader::is_all_null(const std::string& column) const {
  return impl_->is_all_null(column);
}
const std::map<std::string, std::string>& ParquetReader::footer() const { return impl_->footer(); }
std::shared_ptr<arrow::Schema> ParquetReader::schema() const { return impl_->schema(); }

Result<std::shared_ptr<arrow::Table>> ParquetReader::read_group(
    int group, const std::vector<std::string>& columns) {
  return impl_->read_group(group, columns);
}
Result<std::shared_ptr<arrow::Table>> ParquetReader::read(const std::vector<std::string>& columns) {
  return impl_->read(columns);
}

}  // namespace cdclake::parquet
