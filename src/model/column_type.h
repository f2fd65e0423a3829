#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cdclake::model {

/// What a column holds in Silver. The mapping from PostgreSQL and Debezium types, and to Parquet
/// types, is docs/formats/types.md.
enum class TypeKind : std::uint8_t {
  kBool,
  kInt16,
  kInt32,
  kInt64,
  kFloat32,
  kFloat64,
  kDecimal,  ///< `precision` ≤ 76 and `scale` ≤ precision: decimal128, past 38 digits decimal256.
  kNumericText,  ///< numeric without a declared precision, or past 76 digits: exact text.
  kText,
  kJson,  ///< JSON text exactly as it came, stored as a string.
  kBinary,
  kUuid,         ///< 16 bytes.
  kDate,         ///< Days since 1970.
  kTime,         ///< Microseconds since midnight; 24:00:00 is 86400000000.
  kTimestamp,    ///< Microseconds since 1970, no zone.
  kTimestampTz,  ///< Microseconds since 1970 UTC.
  kArray,        ///< One dimension of `element`.
};

struct ColumnType {
  TypeKind kind = TypeKind::kText;
  std::int32_t precision = 0;         ///< kDecimal only.
  std::int32_t scale = 0;             ///< kDecimal only.
  std::vector<ColumnType> element{};  ///< kArray only: exactly one entry.

  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

/// `decimal(10,2)`, `array(text)`: as the metadata store and messages write it.
std::string to_string(const ColumnType& type);

}  // namespace cdclake::model
