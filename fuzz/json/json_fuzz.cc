// Our reader of JSON takes and refuses the same texts as simdjson's strict one, and reads the same
// names, strings and words, in the same order. It has no limit on numbers, and a lower one on
// depth.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "formats/debezium/strict_json/json_cursor.h"

namespace debezium = cdclake::debezium;
namespace dom = simdjson::dom;

namespace {

using debezium::JsonCursor;

/// Whether the whole text is JSON.
bool is_taken(std::string_view padded) {
  debezium::ByteArena arena;
  JsonCursor cursor(padded, debezium::kNestingMax, arena);
  return cursor.skip() && cursor.at_end();
}

/// Every name and text must be theirs, in their order.
void check_value(JsonCursor& cursor, const dom::element& theirs) {
  debezium::JsonToken token;
  bool is_first = true;
  CDCLAKE_ASSERT(cursor.read(token));
  if (dom::object members; theirs.get(members) == simdjson::SUCCESS) {
    CDCLAKE_ASSERT(token.kind == debezium::TokenKind::kObject && cursor.enter());
    for (const auto& [name, value] : members) {
      std::string_view ours;
      CDCLAKE_ASSERT(cursor.next_member(is_first) && cursor.take_name(ours) && ours == name);
      check_value(cursor, value);
    }
    CDCLAKE_ASSERT(!cursor.next_member(is_first));
  } else if (dom::array items; theirs.get(items) == simdjson::SUCCESS) {
    CDCLAKE_ASSERT(token.kind == debezium::TokenKind::kArray && cursor.enter());
    for (const dom::element item : items) {
      CDCLAKE_ASSERT(cursor.next_item(is_first));
      check_value(cursor, item);
    }
    CDCLAKE_ASSERT(!cursor.next_item(is_first));
  } else if (std::string_view text; theirs.get(text) == simdjson::SUCCESS) {
    CDCLAKE_ASSERT(token.kind == debezium::TokenKind::kString && token.text == text);
  } else if (bool is_true = false; theirs.get(is_true) == simdjson::SUCCESS) {
    const auto kind = is_true ? debezium::TokenKind::kTrue : debezium::TokenKind::kFalse;
    CDCLAKE_ASSERT(token.kind == kind);
  } else {
    const auto kind = theirs.is_null() ? debezium::TokenKind::kNull : debezium::TokenKind::kNumber;
    CDCLAKE_ASSERT(token.kind == kind);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Whoever makes a cursor has checked these two.
  if (!simdjson::validate_utf8(text.data(), text.size())) return 0;
  if (text.starts_with("\xEF\xBB\xBF")) return 0;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  CDCLAKE_ASSERT(parser.allocate(size, debezium::kNestingMax) == simdjson::SUCCESS);
  const auto error = parser.parse(text.data(), text.size()).get(root);
  const std::string copy = std::string(text) + std::string(debezium::kPadding, '\0');
  const std::string_view padded(copy.data(), size);
  const bool is_about_numbers = error == simdjson::NUMBER_ERROR || error == simdjson::BIGINT_ERROR;
  const bool is_taken_by_us = is_taken(padded);
  if (is_about_numbers || error == simdjson::DEPTH_ERROR) return 0;
  CDCLAKE_ASSERT(is_taken_by_us == (error == simdjson::SUCCESS));
  if (!is_taken_by_us) return 0;
  debezium::ByteArena arena;
  JsonCursor cursor(padded, debezium::kNestingMax, arena);
  check_value(cursor, root);
  CDCLAKE_ASSERT(cursor.at_end());
  return 0;
}
