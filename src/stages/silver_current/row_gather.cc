#include "stages/silver_current/row_gather.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/concatenate.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/table.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/table_columns.h"
#include "stages/silver_current/source_sequence.h"

namespace cdclake::silver_current {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
constexpr std::int64_t kLost = -1;

/// The one array of a column; a stored file may have a chunk a row group.
Result<ArrayPtr> whole_column(const arrow::Table& table, const std::string& name) {
  const auto chunked = table.GetColumnByName(name);
  if (chunked->num_chunks() == 1) return chunked->chunk(0);
  if (chunked->num_chunks() == 0) return as_result(arrow::MakeEmptyArray(chunked->type()));
  return as_result(arrow::Concatenate(chunked->chunks()));
}

Result<ArrayPtr> take(const ArrayPtr& values, const std::vector<std::int64_t>& rows) {
  arrow::Int64Builder builder;
  CDCLAKE_RETURN_IF_ERROR(builder.Reserve(static_cast<std::int64_t>(rows.size())));
  for (const std::int64_t row : rows) {
    if (row == kLost) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(row);
    }
  }
  CDCLAKE_ASSIGN_OR_RETURN(const auto indices, builder.Finish());
  return as_result(arrow::compute::Take(*values, *indices));
}

void set_bit(std::string& bitmap, std::size_t bit, std::size_t bits) {
  if (bitmap.empty()) bitmap.assign((bits + 7) / 8, '\0');
  bitmap[bit / 8] =
      static_cast<char>(static_cast<unsigned char>(bitmap[bit / 8]) | (1U << (bit % 8)));
}

bool has_bit(std::string_view bitmap, std::size_t bit) {
  return bit / 8 < bitmap.size() &&
         (static_cast<unsigned char>(bitmap[bit / 8]) >> (bit % 8) & 1U) != 0;
}

class Gather {
 public:
  Gather(const model::TableSchema& schema, const CellPlaces& places)
      : schema_(schema),
        meta_(schema),
        batch_(places.batch),
        borrowed_(places.borrowed),
        stored_(places.stored),
        stored_count_(stored_ == nullptr ? 0 : stored_->table->num_rows()) {}

  Result<std::shared_ptr<arrow::Table>> gather(std::span<const OutputRow> rows) {
    CDCLAKE_RETURN_IF_ERROR(load_lost_cells());
    count_batch_rows(rows);
    lost_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) place(i, rows[i]);
    const auto schema = parquet::current_arrow_schema(schema_);
    std::vector<ArrayPtr> columns;
    for (int field = 0; field + 1 < schema->num_fields(); ++field) {
      CDCLAKE_ASSIGN_OR_RETURN(
          auto array, column(static_cast<std::size_t>(field), schema->field(field)->name()));
      columns.push_back(std::move(array));
    }
    CDCLAKE_ASSIGN_OR_RETURN(auto lost, lost_column());
    columns.push_back(std::move(lost));
    return arrow::Table::Make(schema, columns, static_cast<std::int64_t>(rows.size()));
  }

 private:
  Status load_lost_cells() {
    if (stored_ != nullptr) {
      CDCLAKE_ASSIGN_OR_RETURN(stored_sequences_, StoredSequences::open(schema_, *stored_->table));
      CDCLAKE_ASSIGN_OR_RETURN(stored_lost_, whole_column(*stored_->table, meta_("unresolved")));
    }
    if (borrowed_.table() != nullptr) {
      CDCLAKE_ASSIGN_OR_RETURN(borrowed_sequences_,
                               StoredSequences::open(schema_, *borrowed_.table()));
      CDCLAKE_ASSIGN_OR_RETURN(borrowed_lost_,
                               whole_column(*borrowed_.table(), meta_("unresolved")));
    }
    return {};
  }

  /// Rows of the batch follow the stored ones, and the borrowed ones follow them, in the order of
  /// the values that indices point into.
  void count_batch_rows(std::span<const OutputRow> rows) {
    for (const OutputRow& row : rows) {
      if (row.change == nullptr) continue;
      ++batch_count_;
      for (const CellPatch& patch : row.change->patches) batch_count_ += patch.source.row ? 1 : 0;
    }
  }

  std::int64_t index_of_batch_row(std::int64_t row) {
    batch_rows_.push_back(row);
    return stored_count_ + static_cast<std::int64_t>(batch_rows_.size()) - 1;
  }

  void place(std::size_t at, const OutputRow& row) {
    if (row.change == nullptr) {
      indices_.push_back(*row.stored);
      lost_[at] = lost_in(stored_lost_, *row.stored);
      return;
    }
    indices_.push_back(index_of_batch_row(*row.change->row));
    for (const CellPatch& patch : row.change->patches) {
      const std::int64_t index = resolve(row, patch);
      if (index == kLost) set_bit(lost_[at], patch.column, schema_.columns.size());
      patched_[patch.column].emplace_back(at, index);
    }
  }

  std::int64_t resolve(const OutputRow& row, const CellPatch& patch) {
    for (const StoredCell& cell : patch.source.stored) {
      const bool is_own = cell.key == row.change->key;
      const auto at = is_own ? row.stored : borrowed_.row_of(cell.key);
      if (!at) continue;
      const auto& sequences = is_own ? *stored_sequences_ : *borrowed_sequences_;
      if (!is_meant(cell, sequences.at(*at))) continue;
      if (has_bit(lost_in(is_own ? stored_lost_ : borrowed_lost_, *at), patch.column)) continue;
      return is_own ? *at : stored_count_ + batch_count_ + *at;
    }
    return patch.source.row ? index_of_batch_row(*patch.source.row) : kLost;
  }

  static bool is_meant(const StoredCell& cell, const SourceSequence& row) {
    return !(cell.not_before && precedes(row, *cell.not_before)) &&
           !(cell.not_after && precedes(*cell.not_after, row));
  }

  static std::string lost_in(const ArrayPtr& column, std::int64_t row) {
    if (column->IsNull(row)) return {};
    return std::string(static_cast<const arrow::BinaryArray&>(*column).GetView(row));
  }

  Result<ArrayPtr> column(std::size_t field, const std::string& name) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto values, values_of(name));
    const auto patched = patched_.find(field);
    if (patched == patched_.end()) return take(values, indices_);
    std::vector<std::int64_t> indices = indices_;
    for (const auto& [at, index] : patched->second) indices[at] = index;
    return take(values, indices);
  }

  Result<ArrayPtr> values_of(const std::string& name) {
    std::vector<ArrayPtr> parts;
    if (stored_ != nullptr) {
      CDCLAKE_ASSIGN_OR_RETURN(auto part, whole_column(*stored_->table, name));
      parts.push_back(std::move(part));
    }
    CDCLAKE_ASSIGN_OR_RETURN(const auto batch_column, whole_column(*batch_.rows, name));
    std::vector<std::int64_t> batch_rows = batch_rows_;
    batch_rows.resize(static_cast<std::size_t>(batch_count_),
                      0);  // Fewer where a stored row came first.
    CDCLAKE_ASSIGN_OR_RETURN(auto picked, take(batch_column, batch_rows));
    parts.push_back(std::move(picked));
    if (borrowed_.table() != nullptr) {
      CDCLAKE_ASSIGN_OR_RETURN(auto part, whole_column(*borrowed_.table(), name));
      parts.push_back(std::move(part));
    }
    return as_result(arrow::Concatenate(parts));
  }

  Result<ArrayPtr> lost_column() const {
    arrow::BinaryBuilder builder;
    for (const std::string& bitmap : lost_) {
      if (bitmap.empty()) {
        CDCLAKE_RETURN_IF_ERROR(builder.AppendNull());
      } else {
        CDCLAKE_RETURN_IF_ERROR(builder.Append(bitmap));
      }
    }
    return as_result(builder.Finish());
  }

  const model::TableSchema& schema_;
  parquet::MetaColumns meta_;
  const ChangeBatch& batch_;
  const BorrowedRows& borrowed_;
  const StoredFileRows* stored_;
  std::int64_t stored_count_;
  std::int64_t batch_count_ = 0;
  std::optional<StoredSequences> stored_sequences_;
  std::optional<StoredSequences> borrowed_sequences_;
  ArrayPtr stored_lost_;
  ArrayPtr borrowed_lost_;
  std::vector<std::int64_t> batch_rows_;
  std::vector<std::int64_t> indices_;  ///< One an output row, into the values of every column.
  std::map<std::size_t, std::vector<std::pair<std::size_t, std::int64_t>>>
      patched_;                    ///< By column.
  std::vector<std::string> lost_;  ///< Bitmap of lost cells, one an output row.
};

}  // namespace

Result<std::shared_ptr<arrow::Table>> gather_rows(const model::TableSchema& schema,
                                                  const CellPlaces& places,
                                                  std::span<const OutputRow> rows) {
  return Gather(schema, places).gather(rows);
}

}  // namespace cdclake::silver_current
