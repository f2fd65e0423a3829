#pragma once

#include <string>
#include <string_view>

namespace cdclake::debezium {

/// Why a record cannot become a row: a word of docs/formats/quarantine.md, and what was wrong and
/// where, never a row value.
struct Fault {
  std::string_view reason;
  std::string detail;
};

/// The words. The first group is the first version's.
namespace reason {
inline constexpr std::string_view kJsonParse = "JSON_PARSE";
inline constexpr std::string_view kMissingPayload = "MISSING_PAYLOAD";
inline constexpr std::string_view kMissingOp = "MISSING_OP";
inline constexpr std::string_view kMissingSource = "MISSING_SOURCE";
inline constexpr std::string_view kMissingSourceTable = "MISSING_SOURCE_TABLE";
inline constexpr std::string_view kMissingTsMs = "MISSING_TS_MS";
inline constexpr std::string_view kAfterNull = "AFTER_NULL_FOR_CU";
inline constexpr std::string_view kBeforeNull = "BEFORE_NULL_FOR_D";

inline constexpr std::string_view kUnknownOp = "UNKNOWN_OP";
inline constexpr std::string_view kTruncate = "TRUNCATE_UNSUPPORTED";
inline constexpr std::string_view kNotUtf8 = "NOT_UTF8";
inline constexpr std::string_view kTooDeep = "TOO_DEEP";
inline constexpr std::string_view kDuplicateField = "DUPLICATE_FIELD";
inline constexpr std::string_view kSchemaBlock = "SCHEMA_BLOCK";
inline constexpr std::string_view kSourceValue = "SOURCE_VALUE";
inline constexpr std::string_view kUnknownColumn = "UNKNOWN_COLUMN";
inline constexpr std::string_view kMissingColumn = "MISSING_COLUMN";
inline constexpr std::string_view kValueType = "VALUE_TYPE";
inline constexpr std::string_view kTooManyItems = "TOO_MANY_ITEMS";
inline constexpr std::string_view kNotRepresentable = "VALUE_NOT_REPRESENTABLE";
inline constexpr std::string_view kKeyMissing = "KEY_MISSING";
inline constexpr std::string_view kKeyMismatch = "KEY_MISMATCH";
inline constexpr std::string_view kMovedKey = "MOVED_KEY";
}  // namespace reason

}  // namespace cdclake::debezium
