#include "model/column_type.h"

#include "base/assert.h"

namespace cdclake::model {
namespace {

const char* kind_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInt16:
      return "int16";
    case TypeKind::kInt32:
      return "int32";
    case TypeKind::kInt64:
      return "int64";
    case TypeKind::kFloat32:
      return "float32";
    case TypeKind::kFloat64:
      return "float64";
    case TypeKind::kDecimal:
      return "decimal";
    case TypeKind::kNumericText:
      return "numeric_text";
    case TypeKind::kText:
      return "text";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampTz:
      return "timestamptz";
    case TypeKind::kArray:
      return "array";
  }
  return "unknown";
}

}  // namespace

std::string to_string(const ColumnType& type) {
  std::string text = kind_name(type.kind);
  if (type.kind == TypeKind::kDecimal) {
    text += "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  }
  if (type.kind == TypeKind::kArray) {
    CDCLAKE_ASSERT(type.element.size() == 1);
    text += "(" + to_string(type.element.front()) + ")";
  }
  return text;
}

}  // namespace cdclake::model
