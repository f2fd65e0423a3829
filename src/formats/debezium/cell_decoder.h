#pragma once

#include <cstdint>
#include <string_view>

#include "formats/debezium/byte_arena.h"
#include "formats/debezium/column_wire.h"
#include "model/change_row.h"

namespace cdclake::debezium {

enum class TokenKind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };

/// A JSON value as it was read: the text of a number as spelled, of a string without its escapes.
struct JsonToken {
  TokenKind kind = TokenKind::kNull;
  std::string_view text;
};

enum class [[nodiscard]] CellFault : std::uint8_t {
  kNone,
  kJson,              ///< The JSON itself is broken.
  kType,              ///< Not a spelling of the column's type.
  kNotRepresentable,  ///< A value that the column's type cannot hold exactly.
};

/// Decodes a scalar that is not null. Bytes are put into `arena`, or borrowed from the token.
CellFault decode_scalar(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                        model::Cell& cell);

/// Decodes the two members of a `VariableScaleDecimal`.
CellFault decode_scaled_decimal(const JsonToken& scale, const JsonToken& value, ByteArena& arena,
                                model::Cell& cell);

/// A whole number as JSON spells it; nothing of the text may be left over.
CellFault parse_integer(std::string_view text, std::int64_t& value);

}  // namespace cdclake::debezium
