#include "formats/debezium/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "formats/debezium/row_reader.h"
#include "formats/debezium/source_block.h"
#include "formats/debezium/strict_json/name_finder.h"

namespace cdclake::debezium {
namespace {

/// The buffer of a longer document is given back after its record.
constexpr std::size_t kKeptBytesMax = std::size_t{4} * 1024 * 1024;
/// PostgreSQL's keys have at most 32 columns.
constexpr std::size_t kNamesMax = 64;

RowMember row_member_of(char first) {
  switch (first) {
    case 'n':
      return RowMember::kNull;
    case '{':
      return RowMember::kObject;
    default:
      return RowMember::kOther;
  }
}

/// Keys mostly are; others are not worth a look.
bool is_short_ascii(const char* padded, std::size_t size) {
  if (size > 32) return false;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < 32; i += 8) bytes |= load<std::uint64_t>(padded + i);
  return (bytes & 0x8080808080808080U) == 0;
}

/// Passes a member's name; `index` is which of the names it is, however it is spelled, or `Size`.
template <std::size_t Size>
bool take_known_name(JsonCursor& cursor, NameFinder<Size>& finder, std::size_t& index) {
  index = finder.find(cursor.name());
  if (index < Size) return cursor.take_name(finder.names()[index].size());
  std::string_view name;
  if (!cursor.take_name(name)) return false;
  index =
      static_cast<std::size_t>(std::ranges::find(finder.names(), name) - finder.names().begin());
  return true;
}

Fault duplicate_member() { return {reason::kDuplicateField, "the message has a member twice"}; }

}  // namespace

void JsonReader::shrink() {
  if (buffer_.size() > kKeptBytesMax) buffer_ = {};
}

std::optional<Fault> JsonReader::open(std::string_view text, int nesting_max) {
  const std::size_t needed = text.size() + kPadding;
  if (buffer_.size() < needed) buffer_.resize(std::max(needed, 2 * buffer_.size()));
  if (!text.empty()) std::memcpy(buffer_.data(), text.data(), text.size());
  std::memset(buffer_.data() + text.size(), 0, kPadding);
  text_ = text;
  nesting_max_ = nesting_max;
  if (is_short_ascii(buffer_.data(), text.size())) return std::nullopt;
  if (simdjson::validate_utf8(buffer_.data(), text.size())) return std::nullopt;
  return Fault{reason::kNotUtf8, "the message is not valid UTF-8"};
}

JsonCursor JsonReader::cursor_at(const char* place) const {
  const char* const end = buffer_.data() + text_.size();
  return {{place, static_cast<std::size_t>(end - place)}, nesting_max_, *arena_};
}

/// Visits the members of the document, which must be an object and nothing else. `visit` is called
/// before a member's name is passed. Broken JSON goes before every other fault.
template <typename Visit>
std::optional<Fault> JsonReader::for_each_member(Visit visit) {
  JsonCursor cursor = cursor_at(buffer_.data());
  std::optional<Fault> first;
  bool is_first = true;
  if (cursor.peek() != '{') return Fault{reason::kJsonParse, "not a JSON object"};
  if (cursor.enter()) {
    while (cursor.next_member(is_first)) {
      auto fault = visit(cursor);
      if (fault && !first) first = std::move(fault);
    }
  }
  if (cursor.at_end()) return first;
  if (cursor.trouble() == JsonCursor::Trouble::kTooDeep) {
    return Fault{reason::kTooDeep, "nested deeper than " + std::to_string(kNestingMax)};
  }
  return Fault{reason::kJsonParse,
               "broken JSON at byte " + std::to_string(cursor.place() - buffer_.data())};
}

std::optional<Fault> JsonReader::read_envelope(const Speculation& speculation, Envelope& envelope) {
  NameFinder members(kMemberNames);
  return for_each_member([&](JsonCursor& cursor) -> std::optional<Fault> {
    std::size_t index = 0;
    if (!take_known_name(cursor, members, index)) return std::nullopt;
    const auto member = static_cast<Member>(index);
    const std::uint32_t bit = 1U << static_cast<unsigned>(member);
    const bool is_repeated = member != Member::kOther && (envelope.members & bit) != 0;
    envelope.members |= bit;
    if (!is_repeated) return read_member(cursor, member, speculation, envelope);
    cursor.skip();
    return duplicate_member();
  });
}

std::optional<Fault> JsonReader::read_member(JsonCursor& cursor, Member member,
                                             const Speculation& speculation, Envelope& envelope) {
  const RowMember shape = row_member_of(cursor.peek());
  switch (member) {
    case Member::kBefore:
      envelope.before = shape;
      envelope.before_place = cursor.place();
      break;
    case Member::kAfter:
      envelope.after = shape;
      envelope.after_place = cursor.place();
      if (speculation.row == nullptr || shape != RowMember::kObject) break;
      read_after(cursor, *speculation.row, envelope);
      return std::nullopt;
    case Member::kSource:
      envelope.source_member = shape;
      if (shape != RowMember::kObject) break;
      read_source(cursor, speculation, envelope);
      return std::nullopt;
    case Member::kOp: {
      JsonToken token;
      if (!cursor.read(token)) return std::nullopt;
      if (token.kind == TokenKind::kString) envelope.op = token.text;
      if (token.kind == TokenKind::kObject || token.kind == TokenKind::kArray) break;
      return std::nullopt;
    }
    default: {
      std::int64_t passed = 0;
      if (cursor.try_integer(passed) || cursor.try_bytes("null")) return std::nullopt;
      break;
    }
  }
  cursor.skip();
  return std::nullopt;
}

void JsonReader::read_after(JsonCursor& cursor, const RowTarget& target, Envelope& envelope) {
  const JsonCursor start = cursor;
  RowOutcome outcome = read_row_object(cursor, target, *arena_);
  if (outcome.fault && cursor.trouble() == JsonCursor::Trouble::kNone) {
    // Whatever the row was taken for, the message goes on behind it.
    cursor = start;
    cursor.skip();
  }
  envelope.after_was_read = true;
  envelope.after_fault = std::move(outcome.fault);
  envelope.after_has_unchanged = outcome.has_unchanged;
}

void JsonReader::read_source(JsonCursor& cursor, const Speculation& speculation,
                             Envelope& envelope) {
  if (speculation.source->read(cursor, speculation.table, envelope.source)) return;
  const char* const start = cursor.place();
  NameFinder fields(kSourceFieldNames);
  SourceReader reader(cursor, speculation.table, envelope.source);
  bool is_first = true;
  if (!cursor.enter()) return;
  while (cursor.next_member(is_first)) {
    std::size_t index = 0;
    if (!take_known_name(cursor, fields, index)) break;
    auto fault = reader.read(static_cast<SourceField>(index));
    if (fault && !envelope.source_fault) envelope.source_fault = std::move(fault);
  }
  reader.finish();
  const bool is_sound = !envelope.source_fault && envelope.source.has_identity &&
                        cursor.trouble() == JsonCursor::Trouble::kNone;
  if (!is_sound) return;
  speculation.source->learn({start, static_cast<std::size_t>(cursor.place() - start)},
                            envelope.source);
}

RowOutcome JsonReader::read_row(const char* place, const RowTarget& target) {
  JsonCursor cursor = cursor_at(place);
  return read_row_object(cursor, target, *arena_);
}

RowOutcome JsonReader::read_document(const RowTarget& target) {
  std::optional<RowOutcome> outcome;
  JsonCursor cursor = cursor_at(buffer_.data());
  if (cursor.peek() == '{') outcome = read_row_object(cursor, target, *arena_);
  const bool is_whole = outcome && !outcome->fault && cursor.at_end();
  if (is_whole) return *std::move(outcome);
  auto broken = for_each_member([](JsonCursor& member) -> std::optional<Fault> {
    std::string_view name;
    if (member.take_name(name)) member.skip();
    return std::nullopt;
  });
  if (broken) return {std::move(broken)};
  return *std::move(outcome);
}

std::optional<Fault> JsonReader::read_names(std::vector<std::string>& names) {
  return for_each_member([&](JsonCursor& cursor) -> std::optional<Fault> {
    std::string_view name;
    if (!cursor.take_name(name) || !cursor.skip()) return std::nullopt;
    if (names.size() == kNamesMax || std::ranges::find(names, name) != names.end()) {
      return Fault{reason::kDuplicateField, "a name comes twice, or there are too many"};
    }
    names.emplace_back(name);
    return std::nullopt;
  });
}

std::optional<Fault> JsonReader::read_wrapper(RawMembers& members) {
  return for_each_member([&](JsonCursor& cursor) -> std::optional<Fault> {
    std::string_view name;
    std::string_view raw;
    if (!cursor.take_name(name) || !cursor.skip(raw)) return std::nullopt;
    if (name != "schema" && name != "payload") return std::nullopt;
    auto& out = name == "schema" ? members.schema : members.payload;
    if (out) return duplicate_member();
    out = text_.substr(static_cast<std::size_t>(raw.data() - buffer_.data()), raw.size());
    return std::nullopt;
  });
}

}  // namespace cdclake::debezium
