// Our reader of JSON takes and refuses the same texts as simdjson's strict one, and reads the same
// strings. It has no limit on numbers, and a lower one on depth.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "formats/debezium/json_cursor.h"

namespace debezium = cdclake::debezium;

namespace {

using debezium::JsonCursor;

bool takes(std::string_view text, std::string& root_string) {
  debezium::ByteArena arena;
  const std::string padded = std::string(text) + std::string(debezium::kPadding, '\0');
  const std::string_view whole(padded.data(), text.size());
  JsonCursor cursor(whole, debezium::kNestingMax, arena);
  if (!cursor.skip() || !cursor.at_end()) return false;
  JsonCursor again(whole, debezium::kNestingMax, arena);
  debezium::JsonToken token;
  if (again.read(token) && token.kind == debezium::TokenKind::kString) root_string = token.text;
  return true;
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
  std::string ours;
  const bool is_taken = takes(text, ours);
  const bool is_about_numbers = error == simdjson::NUMBER_ERROR || error == simdjson::BIGINT_ERROR;
  const bool is_about_depth = error == simdjson::DEPTH_ERROR;
  if (is_about_numbers || is_about_depth) return 0;
  CDCLAKE_ASSERT(is_taken == (error == simdjson::SUCCESS));
  std::string_view theirs;
  if (is_taken && root.get(theirs) == simdjson::SUCCESS) CDCLAKE_ASSERT(ours == theirs);
  return 0;
}
