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
#include "stages/silver_current/read_rows/whole_columns.h"
#include "stages/silver_current/source_sequence.h"

namespace cdclake::silver_current {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
constexpr std::int64_t kLost = -1;
/// From here on borrowed rows are counted until it is known how many others stand before them.
constexpr std::int64_t kFirstBorrowed = std::int64_t{1} << 40;

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

/// Rows of a table that cells are taken from. Each has one place, so that what is copied does not
/// grow with the number of cells.
class RowPicks {
 public:
  std::int64_t place_of(std::int64_t row) {
    const auto at = static_cast<std::size_t>(row);
    if (at >= places_.size()) places_.resize(at + 1, kNone);
    if (places_[at] == kNone) {
      places_[at] = count();
      rows_.push_back(row);
    }
    return places_[at];
  }
  const std::vector<std::int64_t>& rows() const { return rows_; }  ///< By place.
  std::int64_t count() const { return static_cast<std::int64_t>(rows_.size()); }

 private:
  static constexpr std::int64_t kNone = -1;
  std::vector<std::int64_t> places_;  ///< By row.
  std::vector<std::int64_t> rows_;
};

class Gather {
 public:
  Gather(const model::TableSchema& schema, const CellPlaces& places)
      : schema_(schema),
        meta_(schema),
        cells_(places.cells),
        borrowed_(places.cells.borrowed()),
        stored_(places.stored) {}

  Result<std::shared_ptr<arrow::Table>> gather(std::span<const OutputRow> rows) {
    load_lost_cells();
    bound_stored(rows);
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
  void load_lost_cells() {
    if (stored_ != nullptr) {
      stored_sequences_ = StoredSequences(schema_, *stored_->table);
      stored_lost_ = whole_column(*stored_->table, meta_("unresolved"));
    }
    if (borrowed_.table() != nullptr) {
      borrowed_sequences_ = StoredSequences(schema_, *borrowed_.table());
      borrowed_lost_ = whole_column(*borrowed_.table(), meta_("unresolved"));
    }
  }

  /// Indices point into the stored rows from the first to the last that is used, then the staged
  /// rows that are picked, then the borrowed ones.
  void bound_stored(std::span<const OutputRow> rows) {
    std::int64_t stored_next = 0;
    for (const OutputRow& row : rows) {
      if (!row.stored) continue;
      if (stored_next == 0) stored_first_ = *row.stored;
      stored_next = *row.stored + 1;
    }
    stored_count_ = stored_next - stored_first_;
  }

  std::int64_t index_of_stored(std::int64_t row) const { return row - stored_first_; }
  std::int64_t index_of_staged(std::int64_t row) {
    return stored_count_ + staged_picks_.place_of(cells_.place_of(row));
  }
  std::int64_t index_of_borrowed(std::int64_t row) {
    return kFirstBorrowed + borrowed_picks_.place_of(row);
  }

  void place(std::size_t at, const OutputRow& row) {
    if (row.change == nullptr) {
      indices_.push_back(index_of_stored(*row.stored));
      lost_[at] = lost_in(stored_lost_, *row.stored);
      return;
    }
    indices_.push_back(index_of_staged(*row.change->row));
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
      return is_own ? index_of_stored(*at) : index_of_borrowed(*at);
    }
    return patch.source.row ? index_of_staged(*patch.source.row) : kLost;
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
    const std::int64_t before_borrowed = stored_count_ + staged_picks_.count() - kFirstBorrowed;
    for (const auto& [at, index] : patched->second)
      indices[at] = index < kFirstBorrowed ? index : index + before_borrowed;
    return take(values, indices);
  }

  Result<ArrayPtr> values_of(const std::string& name) {
    std::vector<ArrayPtr> parts;
    if (stored_count_ > 0) {
      parts.push_back(whole_column(*stored_->table, name)->Slice(stored_first_, stored_count_));
    }
    if (staged_picks_.count() > 0) {
      CDCLAKE_ASSIGN_OR_RETURN(auto picked,
                               take(whole_column(*cells_.staged(), name), staged_picks_.rows()));
      parts.push_back(std::move(picked));
    }
    // Only columns that are borrowed from are there.
    if (borrowed_picks_.count() > 0 && borrowed_.table()->GetColumnByName(name) != nullptr) {
      CDCLAKE_ASSIGN_OR_RETURN(
          auto picked, take(whole_column(*borrowed_.table(), name), borrowed_picks_.rows()));
      parts.push_back(std::move(picked));
    }
    return parts.size() == 1 ? Result<ArrayPtr>(parts.front())
                             : as_result(arrow::Concatenate(parts));
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
  const ChangeCells& cells_;
  const BorrowedRows& borrowed_;
  const StoredFileRows* stored_;
  std::int64_t stored_first_ = 0;
  std::int64_t stored_count_ = 0;
  std::optional<StoredSequences> stored_sequences_;
  std::optional<StoredSequences> borrowed_sequences_;
  ArrayPtr stored_lost_;
  ArrayPtr borrowed_lost_;
  RowPicks staged_picks_;  ///< Of `cells_.staged()`.
  RowPicks borrowed_picks_;
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
