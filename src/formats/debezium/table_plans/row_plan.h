#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "formats/debezium/strict_json/padded_text.h"
#include "formats/debezium/table_plans/cell_decoder.h"
#include "formats/debezium/table_plans/column_wire.h"
#include "formats/debezium/table_plans/rejection.h"
#include "formats/debezium/table_plans/unchanged_mark.h"
#include "model/change_row.h"

namespace cdclake::debezium {

/// One member of a JSON object that holds a row or a key.
struct FieldPlan {
  std::string name;
  std::string escaped;  ///< As JSON spells the name, between its quotes.
  ColumnWire wire;
  UnchangedMark unchanged;

  /// Whether the name begins at `text`, padded, and ends at a quote there.
  bool is_at(const char* text) const {
    return stands_at(text, escaped) && text[escaped.size()] == '"';
  }
};

/// How to read an object of columns, in the order in which they are expected.
class RowPlan {
 public:
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
  static constexpr std::size_t kIgnored = kUnknown - 1;

  void add(std::string name, ColumnWire wire, std::string_view placeholder);
  /// Passes over a member of that name: a generated column, which the stream does not carry.
  void ignore(std::string name) { ignored_.insert(std::move(name)); }

  const std::vector<FieldPlan>& fields() const { return fields_; }
  /// Index of a field, or kUnknown, or kIgnored.
  std::size_t place_of(std::string_view name) const;

 private:
  std::vector<FieldPlan> fields_;
  std::unordered_map<std::string, std::size_t> places_;
  std::unordered_set<std::string> ignored_;
};

/// A cell that holds no value.
model::Cell cell_of(model::CellState state);

/// What is wrong with a row, for the quarantine. Names appear as JSON spells them.
Fault cell_fault(CellFault fault, const FieldPlan& field);
Fault unknown_column(std::string_view name);
Fault duplicate_column(std::string_view escaped_name);
/// Names the first field whose cell was not set.
Fault missing_column(const RowPlan& plan, std::span<const model::Cell> cells);

}  // namespace cdclake::debezium
