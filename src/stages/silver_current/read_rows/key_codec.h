#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table.h"

namespace cdclake::silver_current {

/// Encodes keys as bytes whose order is the order of the files of a current table.
///
/// Equal keys give equal bytes, and the bytes compare like the typed values: numbers and times by
/// value, text and binary by their bytes (PostgreSQL's "C" collation). numeric without a declared
/// precision is grouped by value (`1.10` is `1.1`) and ordered by its canonical text.
/// The form is described in docs/formats/current.md; it is stored as a file's key range.
class KeyCodec {
 public:
  /// kInvalidConfig where `model::key_refusal` says why the key cannot be one.
  static Result<KeyCodec> make(const model::TableSchema& schema);

  /// Names of the key columns, in key order.
  const std::vector<std::string>& column_names() const { return names_; }

  /// One key a row; `columns` are the key columns in key order, of equal length.
  Result<std::vector<std::string>> encode(
      const std::vector<std::shared_ptr<arrow::Array>>& columns) const;
  /// The same for the key columns of a table, picked by name.
  Result<std::vector<std::string>> encode(const arrow::Table& table) const;

 private:
  std::vector<std::string> names_;
  std::vector<model::ColumnType> types_;
};

}  // namespace cdclake::silver_current
