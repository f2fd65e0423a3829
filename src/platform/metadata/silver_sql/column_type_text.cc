#include "platform/metadata/silver_sql/column_type_text.h"

#include <array>
#include <charconv>
#include <utility>

namespace cdclake::metadata {
namespace {

using model::ColumnType;
using model::TypeKind;

constexpr std::array kPlainKinds = {
    TypeKind::kBool,        TypeKind::kInt16,     TypeKind::kInt32,       TypeKind::kInt64,
    TypeKind::kFloat32,     TypeKind::kFloat64,   TypeKind::kText,        TypeKind::kJson,
    TypeKind::kNumericText, TypeKind::kBinary,    TypeKind::kUuid,        TypeKind::kDate,
    TypeKind::kTime,        TypeKind::kTimestamp, TypeKind::kTimestampTz,
};

/// What stands between `name(` and the last `)`.
std::optional<std::string_view> inside(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with('(')) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ColumnType> column_type_from_text(std::string_view text) {
  for (const TypeKind kind : kPlainKinds) {
    ColumnType type;
    type.kind = kind;
    if (model::to_string(type) == text) return type;
  }
  if (const auto digits = inside(text, "decimal")) {
    const auto comma = digits->find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    const auto precision = number(digits->substr(0, comma));
    const auto scale = number(digits->substr(comma + 1));
    if (!precision || !scale) return std::nullopt;
    return ColumnType{TypeKind::kDecimal, *precision, *scale, {}};
  }
  if (const auto element = inside(text, "array")) {
    auto type = column_type_from_text(*element);
    if (!type) return std::nullopt;
    return ColumnType{TypeKind::kArray, 0, 0, {std::move(*type)}};
  }
  return std::nullopt;
}

}  // namespace cdclake::metadata
