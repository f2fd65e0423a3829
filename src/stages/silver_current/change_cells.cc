#include "stages/silver_current/change_cells.h"

#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "formats/parquet/table_columns.h"

namespace cdclake::silver_current {
namespace {

constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

/// Ascending numbers of the staged rows that the changes end with or take cells from.
std::vector<std::int64_t> rows_of(std::span<const NetChange> changes) {
  std::vector<std::int64_t> rows;
  for (const NetChange& change : changes) {
    if (change.row) rows.push_back(*change.row);
    for (const CellPatch& patch : change.patches) {
      if (patch.source.row) rows.push_back(*patch.source.row);
    }
  }
  std::ranges::sort(rows);
  const auto repeated = std::ranges::unique(rows);
  rows.erase(repeated.begin(), repeated.end());
  return rows;
}

BorrowedRows::Wanted wanted_of(const model::TableSchema& schema,
                               std::span<const NetChange> changes) {
  BorrowedRows::Wanted wanted;
  for (const NetChange& change : changes) {
    for (const CellPatch& patch : change.patches) {
      for (const StoredCell& cell : patch.source.stored) {
        if (cell.key == change.key) continue;
        wanted.keys.push_back(cell.key);
        wanted.columns.insert(schema.columns[patch.column].name);
      }
    }
  }
  return wanted;
}

/// The columns of a current table that a staged row has.
std::vector<std::string> staged_columns(const model::TableSchema& schema) {
  auto names = parquet::current_arrow_schema(schema)->field_names();
  std::erase(names, parquet::MetaColumns(schema)("unresolved"));
  return names;
}

}  // namespace

ChangeCells::ChangeCells(StoredVersion before, const ChangeBatch& batch, OpenFile open_file,
                         std::int64_t bytes_max)
    : before_(before),
      batch_(batch),
      open_file_(std::move(open_file)),
      bytes_max_(bytes_max),
      columns_(staged_columns(before.table.schema)),
      changes_max_(std::numeric_limits<std::size_t>::max()) {}

Result<std::size_t> ChangeCells::load(std::span<const NetChange> changes) {
  std::size_t count = std::min(changes.size(), changes_max_);
  for (;; count = count / 2) {
    CDCLAKE_ASSIGN_OR_RETURN(const Fit fit,
                             try_load(changes.first(count), count > 1 ? bytes_max_ : kNoBound));
    if (fit == Fit::kFits) break;
    changes_max_ = count / 2;
  }
  // Further on rows may be smaller.
  if (bytes_held_ <= bytes_max_ / 2) changes_max_ = count * 2;
  return count;
}

Result<Fit> ChangeCells::try_load(std::span<const NetChange> changes, std::int64_t bytes_max) {
  staged_.reset();
  borrowed_ = {};
  rows_ = rows_of(changes);
  PickedRows picked(columns_, bytes_max);
  std::int64_t first = 0;
  for (std::size_t file = 0; file < batch_.file_ends.size(); ++file) {
    const std::int64_t next = batch_.file_ends[file];
    std::vector<std::int64_t> here(std::ranges::lower_bound(rows_, first),
                                   std::ranges::lower_bound(rows_, next));
    for (std::int64_t& row : here) row -= first;
    first = next;
    if (here.empty()) continue;
    CDCLAKE_ASSIGN_OR_RETURN(auto reader, open_file_(file));
    CDCLAKE_ASSIGN_OR_RETURN(const Fit fit, picked.add(reader, here));
    if (fit == Fit::kTooLarge) return fit;
  }
  CDCLAKE_ASSIGN_OR_RETURN(
      auto borrowed,
      BorrowedRows::collect(before_, batch_, wanted_of(before_.table.schema, changes),
                            bytes_max - picked.bytes()));
  if (!borrowed) return Fit::kTooLarge;
  borrowed_ = std::move(*borrowed);
  bytes_held_ = picked.bytes();
  if (borrowed_.table() != nullptr) bytes_held_ += arrow::util::TotalBufferSize(*borrowed_.table());
  row_bytes_ = picked.bytes() / std::max<std::int64_t>(1, static_cast<std::int64_t>(rows_.size()));
  CDCLAKE_ASSIGN_OR_RETURN(staged_, std::move(picked).finish());
  return Fit::kFits;
}

std::int64_t ChangeCells::place_of(std::int64_t staged_row) const {
  const auto at = std::ranges::lower_bound(rows_, staged_row);
  CDCLAKE_ASSERT(at != rows_.end() && *at == staged_row);
  return at - rows_.begin();
}

}  // namespace cdclake::silver_current
