#include "formats/debezium/table_plans/schema_types.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "formats/debezium/table_plans/catalog_types.h"
#include "formats/exact_values/decimal.h"

namespace cdclake::debezium {
namespace {

using model::ColumnType;
using model::TypeKind;

struct NamedForm {
  std::string_view type;
  std::string_view name;
  WireForm form;
  TypeKind kind;
};

constexpr std::array<NamedForm, 31> kForms{{
    {"boolean", "", WireForm::kBool, TypeKind::kBool},
    {"int16", "", WireForm::kInteger, TypeKind::kInt16},
    {"int32", "", WireForm::kInteger, TypeKind::kInt32},
    {"int64", "", WireForm::kInteger, TypeKind::kInt64},
    {"float", "", WireForm::kFloat, TypeKind::kFloat32},
    {"double", "", WireForm::kFloat, TypeKind::kFloat64},
    {"string", "", WireForm::kText, TypeKind::kText},
    {"bytes", "", WireForm::kBase64, TypeKind::kBinary},
    {"string", "io.debezium.data.Json", WireForm::kText, TypeKind::kJson},
    {"string", "io.debezium.data.Xml", WireForm::kText, TypeKind::kText},
    {"string", "io.debezium.data.Enum", WireForm::kText, TypeKind::kText},
    {"string", "io.debezium.data.EnumSet", WireForm::kText, TypeKind::kText},
    {"string", "io.debezium.data.Ltree", WireForm::kText, TypeKind::kText},
    {"string", "io.debezium.data.Tsvector", WireForm::kText, TypeKind::kText},
    {"string", "io.debezium.data.Uuid", WireForm::kUuid, TypeKind::kUuid},
    {"struct", "io.debezium.data.VariableScaleDecimal", WireForm::kScaledDecimal,
     TypeKind::kNumericText},
    {"int32", "io.debezium.time.Date", WireForm::kDays, TypeKind::kDate},
    {"int32", "org.apache.kafka.connect.data.Date", WireForm::kDays, TypeKind::kDate},
    {"string", "io.debezium.time.IsoDate", WireForm::kIsoDate, TypeKind::kDate},
    {"int32", "io.debezium.time.Time", WireForm::kTimeMillis, TypeKind::kTime},
    {"int64", "io.debezium.time.MicroTime", WireForm::kTimeMicros, TypeKind::kTime},
    {"int64", "io.debezium.time.NanoTime", WireForm::kTimeNanos, TypeKind::kTime},
    {"string", "io.debezium.time.IsoTime", WireForm::kIsoTime, TypeKind::kTime},
    {"string", "io.debezium.time.ZonedTime", WireForm::kText, TypeKind::kText},
    {"int64", "io.debezium.time.Timestamp", WireForm::kTimestampMillis, TypeKind::kTimestamp},
    {"int64", "io.debezium.time.MicroTimestamp", WireForm::kTimestampMicros, TypeKind::kTimestamp},
    {"int64", "io.debezium.time.NanoTimestamp", WireForm::kTimestampNanos, TypeKind::kTimestamp},
    {"string", "io.debezium.time.IsoTimestamp", WireForm::kIsoTimestamp, TypeKind::kTimestamp},
    {"string", "io.debezium.time.ZonedTimestamp", WireForm::kIsoTimestamp, TypeKind::kTimestampTz},
    {"int32", "org.apache.kafka.connect.data.Time", WireForm::kConnectTime, TypeKind::kTime},
    {"int64", "org.apache.kafka.connect.data.Timestamp", WireForm::kConnectTimestamp,
     TypeKind::kTimestamp},
}};

constexpr std::string_view kDecimalName = "org.apache.kafka.connect.data.Decimal";
/// Debezium writes numeric(5,-2) with a scale of 2046.
constexpr std::int32_t kScaleMax = 1000;

RefusedType not_known(const ConnectSchema& schema) {
  if (schema.name.starts_with("io.debezium.time.Structured")) {
    return {schema.name,
            "this version does not read time.precision.mode=structured; set it to microseconds"};
  }
  return {schema.name.empty() ? schema.type : schema.type + " " + schema.name,
          "this version does not know the type; leave the column out of the connector "
          "(column.exclude.list), or wait for a version that knows it"};
}

WireOrRefusal decimal_wire(const ConnectSchema& schema) {
  // money has no precision.
  if (!schema.scale || !schema.precision || *schema.precision < 1 || *schema.scale < 0 ||
      *schema.scale > kScaleMax) {
    return not_known(schema);
  }
  ColumnWire wire{.form = WireForm::kDecimalBytesOrNumber, .type = {}, .scale = *schema.scale};
  const std::int32_t precision = std::max(*schema.precision, *schema.scale);
  wire.type =
      precision > exact_values::kDecimalDigitsMax
          ? ColumnType{.kind = TypeKind::kNumericText}
          : ColumnType{.kind = TypeKind::kDecimal, .precision = precision, .scale = *schema.scale};
  return wire;
}

bool is_map_of_text(const ConnectSchema& schema) {
  return schema.type == "map" && schema.name.empty();
}

WireOrRefusal scalar_wire(const ConnectSchema& schema) {
  if (schema.name == kDecimalName && schema.type == "bytes") return decimal_wire(schema);
  if (is_map_of_text(schema)) {
    return ColumnWire{.form = WireForm::kMap, .type = {.kind = TypeKind::kJson}};
  }
  const auto form = std::ranges::find_if(kForms, [&](const NamedForm& candidate) {
    return candidate.type == schema.type && candidate.name == schema.name;
  });
  if (form == kForms.end()) return not_known(schema);
  return ColumnWire{.form = form->form, .type = {.kind = form->kind}};
}

WireOrRefusal wire_of(const ConnectSchema& schema) {
  if (schema.type != "array") return scalar_wire(schema);
  WireOrRefusal inner = scalar_wire(schema.items.front());
  if (auto* refused = std::get_if<RefusedType>(&inner)) {
    return RefusedType{"array of " + refused->type, std::move(refused->mending)};
  }
  auto& wire = std::get<ColumnWire>(inner);
  ColumnWire array{.form = WireForm::kArray,
                   .type = {.kind = TypeKind::kArray, .element = {wire.type}}};
  array.element.push_back(std::move(wire));
  return array;
}

std::vector<DeclaredColumn> columns_of(const ConnectSchema& schema) {
  std::vector<DeclaredColumn> columns;
  columns.reserve(schema.fields.size());
  for (const ConnectSchema& field : schema.fields) columns.push_back({field.field, wire_of(field)});
  return columns;
}

/// The wire of a column or, of an array, of its elements.
const ColumnWire& innermost(const ColumnWire& wire) {
  return wire.form == WireForm::kArray ? wire.element.front() : wire;
}

std::string_view element_type(const model::CatalogColumn& column) {
  std::string_view type = column.base_type.empty() ? column.type : column.base_type;
  if (type.ends_with("[]")) type.remove_suffix(2);
  return type;
}

RefusedType may_be_numeric() {
  return {"double",
          "with decimal.handling.mode=double it may be a rounded numeric; set the mode to precise "
          "or string, or give the source catalog to tell them apart"};
}

RefusedType may_be_cut(std::string_view type) {
  return {std::string(type),
          "time.precision.mode=connect cuts microseconds before they reach us; set it to "
          "microseconds, or give the source catalog if the column has at most three digits"};
}

/// Whether a time type declares at most three digits.
bool has_at_most_millis(std::string_view type) {
  const std::size_t open = type.find('(');
  return open != std::string_view::npos && open + 2 < type.size() && type[open + 1] >= '0' &&
         type[open + 1] <= '3' && type[open + 2] == ')';
}

ColumnWire with_form(const ColumnWire& wire, WireForm form) {
  ColumnWire changed = wire;
  (changed.form == WireForm::kArray ? changed.element.front() : changed).form = form;
  return changed;
}

}  // namespace

SchemaBlock schema_block_of(const ConnectSchema& schema) {
  const ConnectSchema* after = schema.find("after");
  const bool is_envelope =
      after != nullptr && after->type == "struct" && schema.find("op") != nullptr;
  return {schema.name, columns_of(is_envelope ? *after : schema)};
}

WireOrRefusal settle(const DeclaredColumn& declared, const model::CatalogColumn* catalog,
                     const ConnectorSettings& settings) {
  const auto* wire = std::get_if<ColumnWire>(&declared.wire);
  if (wire == nullptr) return declared.wire;
  const ColumnWire& inner = innermost(*wire);
  const std::string_view type = catalog == nullptr ? "" : element_type(*catalog);
  const bool is_numeric = type == "numeric" || type.starts_with("numeric(");
  switch (inner.form) {
    case WireForm::kText: {
      // Json, Xml and the like say what they are; a plain string may be another type in disguise.
      const bool is_disguise = inner.type.kind == TypeKind::kText &&
                               ((is_numeric && settings.decimal == DecimalMode::kString) ||
                                (type == "bytea" && settings.binary != BinaryMode::kBytes));
      return is_disguise ? wire_of_catalog_column(*catalog, settings) : declared.wire;
    }
    case WireForm::kFloat: {
      const bool is_rounded =
          inner.type.kind == TypeKind::kFloat64 &&
          (is_numeric || (catalog == nullptr && settings.decimal == DecimalMode::kDouble));
      if (is_rounded) return may_be_numeric();
      return declared.wire;
    }
    case WireForm::kConnectTime:
    case WireForm::kConnectTimestamp: {
      if (!has_at_most_millis(type)) return may_be_cut(type.empty() ? "connect time" : type);
      return with_form(*wire, inner.form == WireForm::kConnectTime ? WireForm::kTimeMillis
                                                                   : WireForm::kTimestampMillis);
    }
    default:
      return declared.wire;
  }
}

}  // namespace cdclake::debezium
