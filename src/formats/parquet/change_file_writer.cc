#include "formats/parquet/change_file_writer.h"

#include <arrow/array/builder_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "formats/parquet/arrow_result.h"
#include "formats/parquet/cell_column.h"
#include "formats/parquet/table_columns.h"

namespace cdclake::parquet {
namespace {

/// What a row takes in our own columns: topic, incarnation and schema id are spelled out in each.
constexpr std::int64_t kOurColumnsBytes = 256;
/// A number, or where a text begins and ends; and whether there is a value.
constexpr std::int64_t kCellBytes = 9;

/// What a cell points at.
std::int64_t bytes_of(const model::Cell& cell) {
  auto bytes = static_cast<std::int64_t>(cell.bytes.size());
  for (const model::Cell& item : cell.items) bytes += kCellBytes + bytes_of(item);
  return bytes;
}

/// A struct column that holds the other key of a key move.
class MovedKeyColumn {
 public:
  explicit MovedKeyColumn(arrow::ArrayBuilder& builder)
      : builder_(static_cast<arrow::StructBuilder*>(&builder)) {
    for (int i = 0; i < builder_->num_fields(); ++i)
      cells_.emplace_back(*builder_->field_builder(i));
  }

  arrow::Status append(std::span<const model::Cell> key) {
    if (key.empty()) return builder_->AppendNull();
    CDCLAKE_ASSERT(key.size() == cells_.size());
    ARROW_RETURN_NOT_OK(builder_->Append());
    for (std::size_t i = 0; i < key.size(); ++i) ARROW_RETURN_NOT_OK(cells_[i].append(key[i]));
    return arrow::Status::OK();
  }

 private:
  arrow::StructBuilder* builder_;
  std::vector<CellColumn> cells_;
};

/// Integers and times of the table, and those of our columns that grow.
void use_delta(const model::TableSchema& schema, ParquetLayout& layout) {
  using model::TypeKind;
  for (const model::Column& column : schema.columns) {
    switch (column.type.kind) {
      case TypeKind::kInt16:
      case TypeKind::kInt32:
      case TypeKind::kInt64:
      case TypeKind::kDate:
      case TypeKind::kTime:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampTz:
        layout.delta_columns.insert(column.name);
        break;
      default:
        break;
    }
  }
}

}  // namespace

ParquetLayout stage_layout(const model::TableSchema& schema) {
  ParquetLayout layout;
  use_delta(schema, layout);
  const MetaColumns meta(schema);
  for (const char* name :
       {"commit_ts", "lsn", "tx_id", "seq_commit", "seq_lsn", "partition", "offset", "epoch"}) {
    layout.delta_columns.insert(meta(name));
  }
  for (const char* name : {"op", "topic", "incarnation", "schema_id"}) {
    layout.dictionary_columns.insert(meta(name));
  }
  return layout;
}

class ChangeFileWriter::Impl {
 public:
  Impl(model::TableSchemaPtr schema, std::int64_t group_bytes_max);

  Status append(const model::ChangeRow& row, const model::RawRecord& record, std::int64_t epoch) {
    CDCLAKE_ASSERT(row.schema->id == schema_->id && row.cells.size() == cells_.size());
    CDCLAKE_RETURN_IF_ERROR(append_cells(row));
    CDCLAKE_RETURN_IF_ERROR(append_change(row));
    CDCLAKE_RETURN_IF_ERROR(append_place(record, epoch));
    CDCLAKE_RETURN_IF_ERROR(append_links(row));
    ++row_count_;
    bytes_ += row_bytes_;
    return {};
  }

  std::int64_t row_count() const { return row_count_; }
  std::int64_t bytes() const { return bytes_; }

  Result<std::int64_t> write(lake::FileWriter& file,
                             const std::map<std::string, std::string>& footer) {
    CDCLAKE_ASSERT(row_count_ > 0);
    CDCLAKE_ASSIGN_OR_RETURN(auto batch, builder_->Flush());
    ParquetLayout layout = layout_;
    CDCLAKE_ASSIGN_OR_RETURN(const auto table, arrow::Table::FromRecordBatches({batch}));
    layout.no_statistics_columns = columns_of_large_values(*table);
    CDCLAKE_ASSIGN_OR_RETURN(auto writer, ParquetWriter::open(file, builder_->schema(), layout));
    CDCLAKE_RETURN_IF_ERROR(writer.write(*batch));
    CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t rows, std::move(writer).finish(footer));
    CDCLAKE_ASSERT(rows == row_count_);
    row_count_ = bytes_ = 0;
    return rows;
  }

 private:
  template <typename Builder>
  Builder* meta_column(const char* name) {
    const int index = builder_->schema()->GetFieldIndex(MetaColumns(*schema_)(name));
    CDCLAKE_ASSERT(index >= 0);
    return static_cast<Builder*>(builder_->GetField(index));
  }

  arrow::Status append_cells(const model::ChangeRow& row) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      ARROW_RETURN_NOT_OK(cells_[i].append(row.cells[i]));
      bytes_ += bytes_of(row.cells[i]);
    }
    return arrow::Status::OK();
  }

  template <typename Builder>
  static arrow::Status append_optional(Builder& builder, const std::optional<std::int64_t>& value) {
    return value ? builder.Append(*value) : builder.AppendNull();
  }

  arrow::Status append_change(const model::ChangeRow& row) {
    ARROW_RETURN_NOT_OK(op_->Append(model::to_string(row.op)));
    ARROW_RETURN_NOT_OK(append_optional(*commit_ts_, row.commit_ts_us));
    ARROW_RETURN_NOT_OK(append_optional(*lsn_, row.lsn));
    ARROW_RETURN_NOT_OK(append_optional(*tx_id_, row.tx_id));
    ARROW_RETURN_NOT_OK(append_optional(*seq_commit_, row.seq_commit));
    ARROW_RETURN_NOT_OK(append_optional(*seq_lsn_, row.seq_lsn));
    return is_snapshot_->Append(row.is_snapshot);
  }

  arrow::Status append_place(const model::RawRecord& record, std::int64_t epoch) {
    ARROW_RETURN_NOT_OK(topic_->Append(record.partition->topic));
    ARROW_RETURN_NOT_OK(incarnation_->Append(record.partition->incarnation));
    ARROW_RETURN_NOT_OK(partition_->Append(record.partition->partition));
    ARROW_RETURN_NOT_OK(offset_->Append(record.offset));
    ARROW_RETURN_NOT_OK(epoch_->Append(epoch));
    return schema_id_->Append(schema_->id.value);
  }

  arrow::Status append_links(const model::ChangeRow& row) {
    ARROW_RETURN_NOT_OK(append_unchanged(row.cells));
    for (auto& [column, from] : moved_) {
      ARROW_RETURN_NOT_OK(column.append(from ? row.moved_from : row.moved_to));
    }
    return arrow::Status::OK();
  }

  arrow::Status append_unchanged(std::span<const model::Cell> cells) {
    bool any = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].state != model::CellState::kUnchanged) continue;
      if (!any) bitmap_.assign((cells.size() + 7) / 8, '\0');
      any = true;
      bitmap_[i / 8] = static_cast<char>(bitmap_[i / 8] | (1 << (i % 8)));
    }
    return any ? unchanged_->Append(bitmap_) : unchanged_->AppendNull();
  }

  model::TableSchemaPtr schema_;
  ParquetLayout layout_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  std::vector<CellColumn> cells_;
  arrow::StringBuilder* op_ = nullptr;
  arrow::TimestampBuilder* commit_ts_ = nullptr;
  arrow::Int64Builder* lsn_ = nullptr;
  arrow::Int64Builder* tx_id_ = nullptr;
  arrow::Int64Builder* seq_commit_ = nullptr;
  arrow::Int64Builder* seq_lsn_ = nullptr;
  arrow::StringBuilder* topic_ = nullptr;
  arrow::StringBuilder* incarnation_ = nullptr;
  arrow::Int32Builder* partition_ = nullptr;
  arrow::Int64Builder* offset_ = nullptr;
  arrow::Int64Builder* epoch_ = nullptr;
  arrow::BooleanBuilder* is_snapshot_ = nullptr;
  arrow::BinaryBuilder* unchanged_ = nullptr;
  arrow::StringBuilder* schema_id_ = nullptr;
  std::vector<std::pair<MovedKeyColumn, bool>> moved_;  ///< With true, `moved_from`.
  std::string bitmap_;
  std::int64_t row_bytes_;  ///< Of every row, apart from what its cells point at.
  std::int64_t row_count_ = 0;
  std::int64_t bytes_ = 0;
};

ChangeFileWriter::Impl::Impl(model::TableSchemaPtr schema, std::int64_t group_bytes_max)
    : schema_(std::move(schema)),
      layout_(stage_layout(*schema_)),
      row_bytes_(kOurColumnsBytes +
                 kCellBytes * static_cast<std::int64_t>(schema_->columns.size())) {
  layout_.group_bytes_max = group_bytes_max;
  auto made =
      arrow::RecordBatchBuilder::Make(stage_arrow_schema(*schema_), arrow::default_memory_pool());
  CDCLAKE_ASSERT(made.ok());
  builder_ = std::move(made).ValueUnsafe();
  for (int i = 0; i < static_cast<int>(schema_->columns.size()); ++i) {
    cells_.emplace_back(*builder_->GetField(i));
  }
  op_ = meta_column<arrow::StringBuilder>("op");
  commit_ts_ = meta_column<arrow::TimestampBuilder>("commit_ts");
  lsn_ = meta_column<arrow::Int64Builder>("lsn");
  tx_id_ = meta_column<arrow::Int64Builder>("tx_id");
  seq_commit_ = meta_column<arrow::Int64Builder>("seq_commit");
  seq_lsn_ = meta_column<arrow::Int64Builder>("seq_lsn");
  topic_ = meta_column<arrow::StringBuilder>("topic");
  incarnation_ = meta_column<arrow::StringBuilder>("incarnation");
  partition_ = meta_column<arrow::Int32Builder>("partition");
  offset_ = meta_column<arrow::Int64Builder>("offset");
  epoch_ = meta_column<arrow::Int64Builder>("epoch");
  is_snapshot_ = meta_column<arrow::BooleanBuilder>("is_snapshot");
  unchanged_ = meta_column<arrow::BinaryBuilder>("unchanged");
  schema_id_ = meta_column<arrow::StringBuilder>("schema_id");
  if (schema_->key_columns.empty()) return;
  moved_.emplace_back(*meta_column<arrow::ArrayBuilder>("moved_from"), true);
  moved_.emplace_back(*meta_column<arrow::ArrayBuilder>("moved_to"), false);
}

ChangeFileWriter::ChangeFileWriter(model::TableSchemaPtr schema, std::int64_t group_bytes_max)
    : impl_(std::make_unique<Impl>(std::move(schema), group_bytes_max)) {}
ChangeFileWriter::ChangeFileWriter(ChangeFileWriter&&) noexcept = default;
ChangeFileWriter& ChangeFileWriter::operator=(ChangeFileWriter&&) noexcept = default;
ChangeFileWriter::~ChangeFileWriter() = default;

Status ChangeFileWriter::append(const model::ChangeRow& row, const model::RawRecord& record,
                                std::int64_t epoch) {
  return impl_->append(row, record, epoch);
}
std::int64_t ChangeFileWriter::row_count() const { return impl_->row_count(); }
std::int64_t ChangeFileWriter::bytes() const { return impl_->bytes(); }
Result<std::int64_t> ChangeFileWriter::write(lake::FileWriter& file,
                                             const std::map<std::string, std::string>& footer) {
  return impl_->write(file, footer);
}

}  // namespace cdclake::parquet
