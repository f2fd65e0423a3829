#pragma once

#include <arrow/type_fwd.h>

#include <vector>

#include "model/change_row.h"

namespace cdclake::parquet {

/// Appends cells to an Arrow builder. How is decided once a column, not once a cell.
class CellColumn {
 public:
  /// `builder` must outlive the column.
  explicit CellColumn(arrow::ArrayBuilder& builder);

  /// Appends the value, or null for every other state.
  arrow::Status append(const model::Cell& cell);

 private:
  using AppendValue = arrow::Status (*)(CellColumn&, const model::Cell&);

  template <typename Builder>
  static arrow::Status append_integer(CellColumn& column, const model::Cell& cell);
  template <typename Builder>
  static arrow::Status append_real(CellColumn& column, const model::Cell& cell);
  template <typename Builder>
  static arrow::Status append_bytes(CellColumn& column, const model::Cell& cell);
  static arrow::Status append_fixed(CellColumn& column, const model::Cell& cell);
  static arrow::Status append_list(CellColumn& column, const model::Cell& cell);
  static AppendValue choose(const arrow::ArrayBuilder& builder);

  arrow::ArrayBuilder* builder_;
  AppendValue append_value_;
  std::vector<CellColumn> element_;  ///< Of a list: exactly one.
};

}  // namespace cdclake::parquet
