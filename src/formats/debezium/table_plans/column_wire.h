#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/column_type.h"

namespace cdclake::debezium {

/// How a value is spelled in JSON.
enum class WireForm : std::uint8_t {
  kBool,
  kInteger,               ///< A number within the range of the column's type.
  kFloat,                 ///< A number, or "NaN", "Infinity", "-Infinity".
  kDecimalBytes,          ///< Base64 of the unscaled number, big endian.
  kDecimalBytesOrNumber,  ///< The same, or a number, as the converter's decimal.format says.
  kDecimalText,           ///< "10.20".
  kScaledDecimal,         ///< {"scale":2,"value":base64}.
  kText,
  kUuid,
  kBase64,
  kBase64UrlSafe,
  kHex,
  kDays,        ///< Since 1970.
  kTimeMillis,  ///< Since midnight; the same for micros and nanos.
  kTimeMicros,
  kTimeNanos,
  kTimestampMillis,  ///< Since 1970; the same for micros and nanos.
  kTimestampMicros,
  kTimestampNanos,
  kIsoDate,
  kIsoTime,
  kIsoTimestamp,
  kConnectTime,       ///< Milliseconds that may have been cut; settled before any value is read.
  kConnectTimestamp,  ///< The same.
  kMap,               ///< An object of texts and nulls, kept as JSON text.
  kArray,
};

/// How the values of one column are spelled, and what they become.
struct ColumnWire {
  WireForm form = WireForm::kText;
  model::ColumnType type;
  std::int32_t scale = 0;             ///< kDecimalBytes*: of the unscaled number.
  std::vector<ColumnWire> element{};  ///< kArray: exactly one entry.
};

/// A type whose values this version cannot give exactly.
struct RefusedType {
  std::string type;     ///< As the source names it.
  std::string mending;  ///< What the operator can do.
};

using WireOrRefusal = std::variant<ColumnWire, RefusedType>;

/// A column as a schema block or the catalog declares it.
struct DeclaredColumn {
  std::string name;
  WireOrRefusal wire;
};

}  // namespace cdclake::debezium
