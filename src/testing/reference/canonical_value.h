#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cdclake::reference {

/// A value as one text that is equal where the values are: PostgreSQL's own text, apart from
/// numeric without a scale (trailing zeros stripped), floats (shortest form), hstore and arrays
/// (JSON). Null is nothing.
using Value = std::optional<std::string>;
using Row = std::map<std::string, Value>;  ///< By column name.
using Table = std::map<std::string, Row>;  ///< By `key_text` of the row's key.

/// The key of a row as one text.
std::string key_text(const Row& row, const std::vector<std::string>& key_columns);

/// From PostgreSQL's text output (CSV of `COPY … TO`, UTC). `type` as `format_type` writes it.
Value from_postgres_text(std::string_view type, const Value& text);

/// From what Debezium sent, as JSON text. Aborts on what the recordings do not hold: this is a
/// yardstick for known recordings, not a parser.
struct WireSettings {
  std::string decimal_mode = "precise";
  std::string binary_mode = "bytes";
  std::string placeholder = "__debezium_unavailable_value";
};
Value from_wire(std::string_view type, const WireSettings& settings, std::string_view json);

/// True where the JSON is what Debezium sends for an unchanged TOAST value of that type.
bool is_placeholder(std::string_view type, const WireSettings& settings, std::string_view json);

// Building blocks, shared with the reader of current tables.
std::string canonical_numeric(std::string_view text);
std::string canonical_float(std::string_view text, std::string_view type);
std::string shortest(float value);
std::string shortest(double value);
std::string canonical_array(const std::vector<Value>& elements);
std::string date_text(long long days);
std::string timestamp_text(long long micros);  ///< `2024-02-29 10:00:00.5`
std::string hex_text(std::string_view bytes);  ///< `\x00ff`
bool is_array(std::string_view type);
std::string_view element_type(std::string_view type);

}  // namespace cdclake::reference
