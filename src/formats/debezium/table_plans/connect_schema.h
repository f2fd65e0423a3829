#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cdclake::debezium {

/// A schema of Kafka Connect, as JSON messages carry it: a tree.
struct ConnectSchema {
  std::string type;   ///< `int32`, `string`, `bytes`, `array`, `map`, `struct`, …
  std::string name;   ///< `io.debezium.time.Date`; empty where the type says it all.
  std::string field;  ///< The name of this field in its struct.
  std::optional<std::int32_t> scale;      ///< Of the parameters, where they are numbers.
  std::optional<std::int32_t> precision;  ///< `connect.decimal.precision`.
  std::vector<ConnectSchema> fields;      ///< Of a struct.
  std::vector<ConnectSchema> items;       ///< Of an array: exactly one entry.

  /// The field of that name, or null.
  const ConnectSchema* find(std::string_view field_name) const;
};

/// Reads the `schema` member of a message. Nothing where it is not such a schema, or is nested
/// deeper than any that Debezium sends.
std::optional<ConnectSchema> parse_connect_schema(std::string_view json);

}  // namespace cdclake::debezium
