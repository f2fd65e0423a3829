#include "formats/debezium/row_reader.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "formats/debezium/table_plans/cell_decoder.h"

namespace cdclake::debezium {
namespace {

using model::Cell;
using model::CellState;

/// An item takes 56 bytes, twice for a moment, however short it is spelled.
constexpr std::size_t kItemsMax = 1'000'000;

/// Reads the value of one field. Trouble of the cursor is noticed by the caller.
class CellReader {
 public:
  CellReader(JsonCursor& cursor, ByteArena& arena) : cursor_(cursor), arena_(arena) {}

  CellFault read(const FieldPlan& field, Marks marks, Cell& cell) {
    const WireForm form = field.wire.form;
    if (is_plain_integer(form) && cursor_.try_integer(cell.integer)) {
      return settle_integer(field.wire, cell);
    }
    JsonToken token;
    if (!cursor_.read(token)) return CellFault::kType;
    const UnchangedMark* mark = marks == Marks::kAreUnchanged ? &field.unchanged : nullptr;
    if (token.kind == TokenKind::kArray) {
      if (form != WireForm::kArray) return CellFault::kType;
      return read_array(field.wire.element.front(), mark, cell);
    }
    if (mark != nullptr && token.kind == TokenKind::kString && mark->matches_text(token.text)) {
      cell.state = CellState::kUnchanged;
      return CellFault::kNone;
    }
    return read_item(token, field.wire, mark, cell);
  }

 private:
  CellFault read_array(const ColumnWire& element, const UnchangedMark* mark, Cell& cell) {
    std::vector<Cell>& items = arena_.items();
    bool is_first = true;
    if (!cursor_.enter()) return CellFault::kType;
    while (cursor_.next_item(is_first)) {
      JsonToken token;
      if (!cursor_.read(token)) return CellFault::kType;
      if (items.size() == kItemsMax) return CellFault::kTooMany;
      const CellFault fault = read_item(token, element, nullptr, items.emplace_back());
      if (fault != CellFault::kNone) return fault;
    }
    if (mark != nullptr && mark->matches_items(items)) {
      cell.state = CellState::kUnchanged;
    } else {
      cell.state = CellState::kValue;
      cell.items = arena_.copy(items);
    }
    return CellFault::kNone;
  }

  /// Anything but an array.
  CellFault read_item(const JsonToken& token, const ColumnWire& wire, const UnchangedMark* mark,
                      Cell& cell) {
    switch (token.kind) {
      case TokenKind::kNull:
        cell.state = CellState::kNull;
        return CellFault::kNone;
      case TokenKind::kArray:
        return CellFault::kType;
      case TokenKind::kObject:
        if (wire.form == WireForm::kScaledDecimal) return read_scaled_decimal(cell);
        if (wire.form == WireForm::kMap) return read_map(mark, cell);
        return CellFault::kType;
      default:
        return decode_scalar(wire, token, arena_, cell);
    }
  }

  CellFault read_scaled_decimal(Cell& cell) {
    std::optional<JsonToken> scale;
    std::optional<JsonToken> unscaled;
    bool is_first = true;
    if (!cursor_.enter()) return CellFault::kType;
    while (cursor_.next_member(is_first)) {
      std::string_view name;
      if (!cursor_.take_name(name) || (name != "scale" && name != "value")) return CellFault::kType;
      auto& token = name == "scale" ? scale : unscaled;
      if (token) return CellFault::kTwice;
      if (!cursor_.read(token.emplace())) return CellFault::kType;
      if (token->kind == TokenKind::kObject || token->kind == TokenKind::kArray)
        return CellFault::kType;
    }
    if (!scale || !unscaled) return CellFault::kType;
    return decode_scaled_decimal(*scale, *unscaled, arena_, cell);
  }

  /// Keeps the object as it is spelled, if it holds texts and nulls only.
  CellFault read_map(const UnchangedMark* mark, Cell& cell) {
    const char* const start = cursor_.place();
    std::size_t count = 0;
    bool is_mark = false;
    bool is_first = true;
    if (!cursor_.enter()) return CellFault::kType;
    while (cursor_.next_member(is_first)) {
      std::string_view key;
      JsonToken token;
      if (!cursor_.take_name(key) || !cursor_.read(token)) return CellFault::kType;
      if (token.kind != TokenKind::kString && token.kind != TokenKind::kNull)
        return CellFault::kType;
      is_mark = count++ == 0 && mark != nullptr && token.kind == TokenKind::kString &&
                mark->matches_map(key, token.text);
    }
    cell.state = is_mark ? CellState::kUnchanged : CellState::kValue;
    cell.bytes = {start, static_cast<std::size_t>(cursor_.place() - start)};
    return CellFault::kNone;
  }

  JsonCursor& cursor_;
  ByteArena& arena_;
};

}  // namespace

RowOutcome read_row_object(JsonCursor& cursor, const RowTarget& target, ByteArena& arena) {
  std::ranges::fill(target.cells, cell_of(CellState::kUnset));
  const std::span<const FieldPlan> fields = target.plan.fields();
  CellReader reader(cursor, arena);
  RowOutcome outcome;
  std::size_t next = 0;
  std::size_t count = 0;
  bool is_first = true;
  if (!cursor.enter()) return outcome;
  while (cursor.next_member(is_first)) {
    std::size_t place = next;
    const FieldPlan* field = fields.data() + next;
    if (next < fields.size() && field->is_at(cursor.name())) {
      if (!cursor.take_name(field->escaped.size())) return outcome;
    } else {
      std::string_view name;
      if (!cursor.take_name(name)) return outcome;
      place = target.plan.place_of(name);
      if (place == RowPlan::kUnknown && target.strangers == Strangers::kAreFaults) {
        return {unknown_column(name)};
      }
      outcome.is_in_order = outcome.is_in_order && place == RowPlan::kIgnored;
      if (place == RowPlan::kUnknown || place == RowPlan::kIgnored) {
        if (!cursor.skip()) return outcome;
        continue;
      }
      field = &fields[place];
    }
    next = place + 1;
    Cell& cell = *(target.cells.data() + place);
    if (cell.state != CellState::kUnset) return {duplicate_column(field->escaped)};
    const CellFault fault = reader.read(*field, target.marks, cell);
    if (fault != CellFault::kNone) return {cell_fault(fault, *field)};
    outcome.has_unchanged |= cell.state == CellState::kUnchanged;
    ++count;
  }
  if (count < fields.size()) outcome.fault = missing_column(target.plan, target.cells);
  return outcome;
}

}  // namespace cdclake::debezium
