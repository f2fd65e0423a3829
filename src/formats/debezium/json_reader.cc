#include "formats/debezium/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "formats/debezium/cell_decoder.h"
#include "formats/debezium/name_finder.h"
#include "formats/debezium/nesting_depth.h"

namespace cdclake::debezium {
namespace {

namespace ondemand = simdjson::ondemand;
using model::Cell;
using model::CellState;

/// A record of more bytes is read in buffers of its own, which are given back after it.
constexpr std::size_t kKeptBytesMax = std::size_t{4} * 1024 * 1024;
/// PostgreSQL's keys have at most 32 columns.
constexpr std::size_t kNamesMax = 64;

Fault json_fault(simdjson::error_code error) {
  if (error == simdjson::UTF8_ERROR) return {reason::kNotUtf8, "the message is not valid UTF-8"};
  return {reason::kJsonParse, simdjson::error_message(error)};
}

CellFault to_token(ondemand::value& value, JsonToken& token) {
  std::string_view raw = value.raw_json_token();
  switch (raw.empty() ? '\0' : raw.front()) {
    case '"':
      token.kind = TokenKind::kString;
      return value.get_string(/*allow_replacement=*/false).get(token.text) == simdjson::SUCCESS
                 ? CellFault::kNone
                 : CellFault::kJson;
    case '{':
      token.kind = TokenKind::kObject;
      return CellFault::kNone;
    case '[':
      token.kind = TokenKind::kArray;
      return CellFault::kNone;
    default:
      break;
  }
  while (!raw.empty() && static_cast<unsigned char>(raw.back()) <= ' ') raw.remove_suffix(1);
  token.text = raw;
  if (raw == "null") {
    token.kind = TokenKind::kNull;
  } else if (raw == "true") {
    token.kind = TokenKind::kTrue;
  } else if (raw == "false") {
    token.kind = TokenKind::kFalse;
  } else {
    token.kind = TokenKind::kNumber;
    const bool is_number = !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
    return is_number ? CellFault::kNone : CellFault::kJson;
  }
  return CellFault::kNone;
}

}  // namespace

class JsonReader::Impl {
 public:
  explicit Impl(ByteArena& arena) : arena_(arena) {}

  std::optional<Fault> open(std::string_view text, int nesting_max) {
    if (auto fault = text_fault(text, nesting_max)) return fault;
    if (buffer_.size() > kKeptBytesMax && text.size() <= kKeptBytesMax) {
      parser_ = ondemand::parser();
      buffer_ = {};
    }
    const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
    if (buffer_.size() < needed) buffer_.resize(std::max(needed, 2 * buffer_.size()));
    const auto end = std::ranges::copy(text, buffer_.begin()).out;
    // Broken JSON may be read past its end: it must not find what an earlier message left there.
    std::fill_n(end, simdjson::SIMDJSON_PADDING, '\0');
    text_ = text;
    const auto error = parser_.iterate(buffer_.data(), text.size(), buffer_.size()).get(document_);
    return error == simdjson::SUCCESS ? std::nullopt : std::optional(json_fault(error));
  }

  std::optional<Fault> read_envelope(const RowTarget* speculation, Envelope& envelope) {
    NameFinder members(kMemberNames);
    const auto visit = [&](ondemand::field& field) -> std::optional<Fault> {
      const auto member = static_cast<Member>(members.find(field.escaped_key()));
      const std::uint32_t bit = 1U << static_cast<unsigned>(member);
      if (member != Member::kOther && (envelope.members & bit) != 0) {
        return Fault{reason::kDuplicateField, "the message has a member twice"};
      }
      envelope.members |= bit;
      return read_member(member, field.value(), speculation, envelope);
    };
    if (auto fault = for_each_member(visit)) return fault;
    if (!is_at_end()) return Fault{reason::kJsonParse, "text after the end of the message"};
    return std::nullopt;
  }

  RowOutcome read_row(std::string_view member, const RowTarget& target) {
    if (!document_.is_alive()) return {Fault{reason::kJsonParse, "broken JSON"}};
    document_.rewind();
    ondemand::object object;
    auto error = document_.get_object().get(object);
    if (error == simdjson::SUCCESS && !member.empty()) {
      error = object.find_field_unordered(member).get_object().get(object);
    }
    if (error != simdjson::SUCCESS) return {json_fault(error)};
    RowOutcome outcome = read_row_object(object, target);
    if (!outcome.fault && member.empty() && !is_at_end()) {
      outcome.fault = Fault{reason::kJsonParse, "text after the end of the message"};
    }
    return outcome;
  }

  std::optional<Fault> read_names(std::vector<std::string>& names) {
    return for_each_member([&](ondemand::field& field) -> std::optional<Fault> {
      std::string_view name;
      const auto error = field.unescaped_key(/*allow_replacement=*/false).get(name);
      if (error != simdjson::SUCCESS) return json_fault(error);
      if (names.size() == kNamesMax || std::ranges::find(names, name) != names.end()) {
        return Fault{reason::kDuplicateField, "a name comes twice, or there are too many"};
      }
      names.emplace_back(name);
      return std::nullopt;
    });
  }

  std::optional<Fault> read_wrapper(RawMembers& members) {
    return for_each_member([&](ondemand::field& field) -> std::optional<Fault> {
      const std::string_view name = field.escaped_key();
      if (name != "schema" && name != "payload") return std::nullopt;
      auto& out = name == "schema" ? members.schema : members.payload;
      if (out) return Fault{reason::kDuplicateField, "the message has a member twice"};
      std::string_view raw;
      const auto error = field.value().raw_json().get(raw);
      if (error != simdjson::SUCCESS) return json_fault(error);
      out = text_.substr(static_cast<std::size_t>(raw.data() - buffer_.data()), raw.size());
      return std::nullopt;
    });
  }

 private:
  bool is_at_end() { return document_.is_alive() && document_.at_end(); }

  /// Calls `visit` for each member of the document, which must be an object, until a fault.
  template <typename Visit>
  std::optional<Fault> for_each_member(Visit visit) {
    ondemand::object object;
    auto error = document_.get_object().get(object);
    if (error != simdjson::SUCCESS) return json_fault(error);
    for (auto result : object) {
      ondemand::field field;
      error = std::move(result).get(field);
      if (error != simdjson::SUCCESS) return json_fault(error);
      if (auto fault = visit(field)) return fault;
      if (!document_.is_alive()) return Fault{reason::kJsonParse, "broken JSON"};
    }
    return document_.is_alive() ? std::nullopt
                                : std::optional(Fault{reason::kJsonParse, "broken JSON"});
  }

  std::optional<Fault> read_member(Member member, ondemand::value value,
                                   const RowTarget* speculation, Envelope& envelope) {
    switch (member) {
      case Member::kBefore:
        envelope.before = row_member_of(value.raw_json_token());
        return std::nullopt;
      case Member::kAfter:
        envelope.after = row_member_of(value.raw_json_token());
        if (speculation == nullptr || envelope.after != RowMember::kObject) return std::nullopt;
        return read_speculatively(value, *speculation, envelope);
      case Member::kSource:
        envelope.source_member = row_member_of(value.raw_json_token());
        if (envelope.source_member != RowMember::kObject) return std::nullopt;
        return read_source(value, envelope);
      case Member::kOp: {
        JsonToken token;
        if (to_token(value, token) != CellFault::kNone) {
          return Fault{reason::kJsonParse, "broken JSON in \"op\""};
        }
        envelope.op = token.kind == TokenKind::kString ? token.text : "";
        return std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  std::optional<Fault> read_speculatively(ondemand::value value, const RowTarget& target,
                                          Envelope& envelope) {
    ondemand::object object;
    const auto error = value.get_object().get(object);
    if (error != simdjson::SUCCESS) return json_fault(error);
    RowOutcome outcome = read_row_object(object, target);
    if (outcome.fault) return outcome.fault;
    envelope.after_was_read = true;
    envelope.after_has_unchanged = outcome.has_unchanged;
    return std::nullopt;
  }

  std::optional<Fault> read_source(ondemand::value value, Envelope& envelope) {
    ondemand::object object;
    auto error = value.get_object().get(object);
    if (error != simdjson::SUCCESS) return json_fault(error);
    NameFinder fields(kSourceFieldNames);
    int names = 0;
    for (auto result : object) {
      ondemand::field field;
      error = std::move(result).get(field);
      if (error != simdjson::SUCCESS) return json_fault(error);
      const std::size_t index = fields.find(field.escaped_key());
      if (index == kSourceFieldNames.size()) continue;
      JsonToken token;
      ondemand::value inner = field.value();
      if (to_token(inner, token) != CellFault::kNone) {
        return Fault{reason::kJsonParse, "broken JSON in \"source\""};
      }
      if (!read_source_field(static_cast<SourceField>(index), token, envelope.source, names)) {
        envelope.source_fault =
            Fault{reason::kSourceValue,
                  "source." + std::string(kSourceFieldNames[index]) + " is not what it should be"};
      }
    }
    envelope.source.has_identity = names == 4;
    return std::nullopt;
  }

  RowOutcome read_row_object(ondemand::object& object, const RowTarget& target) {
    std::ranges::fill(target.cells, cell_of(CellState::kUnset));
    const auto& fields = target.plan.fields();
    RowOutcome outcome;
    std::size_t next = 0;
    std::size_t count = 0;
    for (auto result : object) {
      ondemand::field field;
      if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) {
        return {json_fault(error)};
      }
      const std::string_view name = field.escaped_key();
      std::size_t place = next;
      if (next >= fields.size() || fields[next].escaped != name) {
        std::string_view plain;
        const auto error = field.unescaped_key(/*allow_replacement=*/false).get(plain);
        place = error == simdjson::SUCCESS ? target.plan.place_of(plain) : RowPlan::kUnknown;
        if (place == RowPlan::kIgnored) continue;
        outcome.is_in_order = false;
        if (place == RowPlan::kUnknown && target.strangers == Strangers::kPassBy) continue;
        if (place == RowPlan::kUnknown) return {unknown_column(name)};
      }
      next = place + 1;
      Cell& cell = target.cells[place];
      if (cell.state != CellState::kUnset) return {duplicate_column(name)};
      ondemand::value value = field.value();
      const CellFault fault = read_cell(value, fields[place], target.marks, cell);
      if (fault != CellFault::kNone) return {cell_fault(fault, fields[place])};
      outcome.has_unchanged |= cell.state == CellState::kUnchanged;
      ++count;
    }
    if (count < fields.size()) outcome.fault = missing_column(target.plan, target.cells);
    return outcome;
  }

  CellFault read_cell(ondemand::value& value, const FieldPlan& field, Marks marks, Cell& cell) {
    JsonToken token;
    if (const CellFault fault = to_token(value, token); fault != CellFault::kNone) return fault;
    const bool may_be_unchanged = marks == Marks::kAreUnchanged;
    if (token.kind == TokenKind::kArray) {
      if (field.wire.form != WireForm::kArray) return CellFault::kType;
      const CellFault fault = read_array(value, field.wire.element.front(), cell);
      if (fault == CellFault::kNone && may_be_unchanged &&
          field.unchanged.matches_items(cell.items)) {
        cell = cell_of(CellState::kUnchanged);
      }
      return fault;
    }
    if (may_be_unchanged && token.kind == TokenKind::kString &&
        field.unchanged.matches_text(token.text)) {
      cell.state = CellState::kUnchanged;
      return CellFault::kNone;
    }
    return read_item(value, token, field.wire, may_be_unchanged ? &field.unchanged : nullptr, cell);
  }

  CellFault read_array(ondemand::value& value, const ColumnWire& element, Cell& cell) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return CellFault::kJson;
    items_.clear();
    for (auto result : array) {
      ondemand::value item;
      JsonToken token;
      if (std::move(result).get(item) != simdjson::SUCCESS) return CellFault::kJson;
      if (const CellFault fault = to_token(item, token); fault != CellFault::kNone) return fault;
      const CellFault fault = read_item(item, token, element, nullptr, items_.emplace_back());
      if (fault != CellFault::kNone) return fault;
    }
    cell.state = CellState::kValue;
    cell.items = arena_.copy(items_);
    return CellFault::kNone;
  }

  /// Anything but an array.
  CellFault read_item(ondemand::value& value, const JsonToken& token, const ColumnWire& wire,
                      const UnchangedMark* mark, Cell& cell) {
    switch (token.kind) {
      case TokenKind::kNull:
        cell.state = CellState::kNull;
        return CellFault::kNone;
      case TokenKind::kArray:
        return CellFault::kType;
      case TokenKind::kObject:
        if (wire.form == WireForm::kScaledDecimal) return read_scaled_decimal(value, cell);
        if (wire.form == WireForm::kMap) return read_map(value, mark, cell);
        return CellFault::kType;
      default:
        return decode_scalar(wire, token, arena_, cell);
    }
  }

  CellFault read_scaled_decimal(ondemand::value& value, Cell& cell) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return CellFault::kJson;
    JsonToken scale;
    JsonToken unscaled;
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return CellFault::kJson;
      const std::string_view name = field.escaped_key();
      ondemand::value inner = field.value();
      if (name != "scale" && name != "value") return CellFault::kType;
      const CellFault fault = to_token(inner, name == "scale" ? scale : unscaled);
      if (fault != CellFault::kNone) return fault;
    }
    return decode_scaled_decimal(scale, unscaled, arena_, cell);
  }

  /// Keeps the object as it is spelled, once it is known to hold texts and nulls only.
  CellFault read_map(ondemand::value& value, const UnchangedMark* mark, Cell& cell) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return CellFault::kJson;
    std::size_t count = 0;
    bool is_mark = false;
    for (auto result : object) {
      ondemand::field field;
      std::string_view key;
      JsonToken token;
      if (std::move(result).get(field) != simdjson::SUCCESS) return CellFault::kJson;
      if (field.unescaped_key(false).get(key) != simdjson::SUCCESS) return CellFault::kJson;
      ondemand::value inner = field.value();
      if (const CellFault fault = to_token(inner, token); fault != CellFault::kNone) return fault;
      if (token.kind != TokenKind::kString && token.kind != TokenKind::kNull)
        return CellFault::kType;
      is_mark = count++ == 0 && mark != nullptr && token.kind == TokenKind::kString &&
                mark->matches_map(key, token.text);
    }
    cell.state = is_mark ? CellState::kUnchanged : CellState::kValue;
    bool is_empty = false;
    if (object.reset().get(is_empty) != simdjson::SUCCESS) return CellFault::kJson;
    if (object.raw_json().get(cell.bytes) != simdjson::SUCCESS) return CellFault::kJson;
    return CellFault::kNone;
  }

  ByteArena& arena_;
  ondemand::parser parser_;
  ondemand::document document_;
  std::vector<char> buffer_;
  std::string_view text_;
  std::vector<Cell> items_;
};

JsonReader::JsonReader(ByteArena& arena) : impl_(std::make_unique<Impl>(arena)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

std::optional<Fault> JsonReader::open(std::string_view text, int nesting_max) {
  return impl_->open(text, nesting_max);
}

std::optional<Fault> JsonReader::read_envelope(const RowTarget* speculation, Envelope& envelope) {
  return impl_->read_envelope(speculation, envelope);
}

RowOutcome JsonReader::read_row(std::string_view member, const RowTarget& target) {
  return impl_->read_row(member, target);
}

std::optional<Fault> JsonReader::read_names(std::vector<std::string>& names) {
  return impl_->read_names(names);
}

std::optional<Fault> JsonReader::read_wrapper(RawMembers& members) {
  return impl_->read_wrapper(members);
}

}  // namespace cdclake::debezium
