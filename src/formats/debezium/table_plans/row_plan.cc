#include "formats/debezium/table_plans/row_plan.h"

#include <algorithm>
#include <utility>

#include "base/shortened.h"
#include "formats/debezium/strict_json/json_spelling.h"

namespace cdclake::debezium {
namespace {

std::string column(std::string_view escaped_name) {
  return "column \"" + shortened(escaped_name) + "\"";
}

}  // namespace

void RowPlan::add(std::string name, ColumnWire wire, std::string_view placeholder) {
  places_.emplace(name, fields_.size());
  UnchangedMark mark(wire, placeholder);
  std::string escaped = json_spelling(name);
  fields_.push_back({std::move(name), std::move(escaped), std::move(wire), std::move(mark)});
}

std::size_t RowPlan::place_of(std::string_view name) const {
  const std::string key(name);
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  return ignored_.contains(key) ? kIgnored : kUnknown;
}

model::Cell cell_of(model::CellState state) {
  model::Cell cell;
  cell.state = state;
  return cell;
}

Fault cell_fault(CellFault fault, const FieldPlan& field) {
  const std::string place = column(field.escaped);
  const std::string type = model::to_string(field.wire.type);
  switch (fault) {
    case CellFault::kTooMany:
      return {reason::kTooManyItems, place + ": the array has more than 1,000,000 items"};
    case CellFault::kTwice:
      return {reason::kDuplicateField, place + ": a member comes twice"};
    case CellFault::kNotRepresentable:
      return {reason::kNotRepresentable,
              place + ": the value is outside of what " + type + " can hold"};
    default:
      return {reason::kValueType, place + ": the value is not spelled as " + type};
  }
}

Fault unknown_column(std::string_view name) {
  return {reason::kUnknownColumn, column(json_spelling(name)) + " has no declared type"};
}

Fault duplicate_column(std::string_view escaped_name) {
  return {reason::kDuplicateField, column(escaped_name) + " comes twice"};
}

Fault missing_column(const RowPlan& plan, std::span<const model::Cell> cells) {
  const auto unset = std::ranges::find(cells, model::CellState::kUnset, &model::Cell::state);
  const auto place = static_cast<std::size_t>(unset - cells.begin());
  return {reason::kMissingColumn,
          column(plan.fields()[place].escaped) + " is declared but not sent"};
}

}  // namespace cdclake::debezium
