#pragma once

#include <cstdint>
#include <string_view>

namespace cdclake::debezium {

enum class TokenKind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };

/// A JSON value as it was read: the text of a number as spelled, of a string without its escapes.
struct JsonToken {
  TokenKind kind = TokenKind::kNull;
  std::string_view text;
};

}  // namespace cdclake::debezium
