#pragma once

#include <cstdint>
#include <string_view>

#include "formats/debezium/strict_json/byte_arena.h"
#include "formats/debezium/strict_json/json_token.h"
#include "formats/debezium/table_plans/column_wire.h"
#include "model/change_row.h"

namespace cdclake::debezium {

enum class [[nodiscard]] CellFault : std::uint8_t {
  kNone,
  kType,              ///< Not a spelling of the column's type.
  kTooMany,           ///< Items of an array, or digits, past what memory may hold.
  kTwice,             ///< An object with a member that comes twice.
  kNotRepresentable,  ///< A value that the column's type cannot hold exactly.
};

/// Decodes a scalar that is not null. Bytes are put into `arena`, or borrowed from the token.
CellFault decode_scalar(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                        model::Cell& cell);

/// Whether a form is a number of units that `settle_integer` makes a value of.
constexpr bool is_plain_integer(WireForm form) {
  return form == WireForm::kInteger ||
         (form >= WireForm::kDays && form <= WireForm::kTimestampNanos);
}
/// The same for a number that is in `cell.integer` already.
CellFault settle_integer(const ColumnWire& wire, model::Cell& cell);

/// Decodes the two members of a `VariableScaleDecimal`.
CellFault decode_scaled_decimal(const JsonToken& scale, const JsonToken& value, ByteArena& arena,
                                model::Cell& cell);

/// A whole number; nothing of the text may be left over.
CellFault parse_integer(std::string_view text, std::int64_t& value);

}  // namespace cdclake::debezium
