#include "formats/debezium/table_plans/catalog_types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/exact_values/decimal.h"

namespace cdclake::debezium {
namespace {

using model::ColumnType;
using model::TypeKind;

/// `numeric(10,2)` taken apart; `time(3) without time zone` is `time without time zone` with one
/// argument.
struct TypeName {
  std::string base;
  std::vector<std::int32_t> arguments;
};

std::optional<TypeName> take_apart(std::string_view text) {
  TypeName name;
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) {
    name.base = text;
    return name;
  }
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) return std::nullopt;
  name.base = std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
  const char* place = text.data() + open + 1;
  const char* end = text.data() + close;
  while (place < end) {
    std::int32_t argument = 0;
    const auto [next, error] = std::from_chars(place, end, argument);
    if (error != std::errc{} || (next != end && *next != ',')) return std::nullopt;
    name.arguments.push_back(argument);
    place = next == end ? end : next + 1;
  }
  return name;
}

ColumnWire simple(WireForm form, TypeKind kind) { return {.form = form, .type = {.kind = kind}}; }

RefusedType not_known(std::string_view type) {
  return {std::string(type),
          "this version does not know the type; leave the column out of the connector "
          "(column.exclude.list) and out of the catalog, or wait for a version that knows it"};
}

struct PlainType {
  std::string_view name;
  WireForm form;
  TypeKind kind;
};

/// Types with one spelling whatever the settings.
constexpr std::array<PlainType, 25> kPlainTypes{{
    {"smallint", WireForm::kInteger, TypeKind::kInt16},
    {"integer", WireForm::kInteger, TypeKind::kInt32},
    {"bigint", WireForm::kInteger, TypeKind::kInt64},
    {"oid", WireForm::kInteger, TypeKind::kInt64},
    {"real", WireForm::kFloat, TypeKind::kFloat32},
    {"double precision", WireForm::kFloat, TypeKind::kFloat64},
    {"boolean", WireForm::kBool, TypeKind::kBool},
    {"text", WireForm::kText, TypeKind::kText},
    {"character varying", WireForm::kText, TypeKind::kText},
    {"character", WireForm::kText, TypeKind::kText},
    {"bpchar", WireForm::kText, TypeKind::kText},
    {"\"char\"", WireForm::kText, TypeKind::kText},
    {"citext", WireForm::kText, TypeKind::kText},
    {"xml", WireForm::kText, TypeKind::kText},
    {"inet", WireForm::kText, TypeKind::kText},
    {"cidr", WireForm::kText, TypeKind::kText},
    {"macaddr", WireForm::kText, TypeKind::kText},
    {"macaddr8", WireForm::kText, TypeKind::kText},
    {"ltree", WireForm::kText, TypeKind::kText},
    {"tsvector", WireForm::kText, TypeKind::kText},
    {"time with time zone", WireForm::kText, TypeKind::kText},
    {"json", WireForm::kText, TypeKind::kJson},
    {"jsonb", WireForm::kText, TypeKind::kJson},
    {"uuid", WireForm::kUuid, TypeKind::kUuid},
    {"timestamp with time zone", WireForm::kIsoTimestamp, TypeKind::kTimestampTz},
}};

/// Types of extensions, which may live in any schema.
std::string_view without_schema(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return name;
  const std::string_view last = name.substr(dot + 1);
  return last == "citext" || last == "ltree" || last == "hstore" ? last : name;
}

/// What a numeric column becomes: a decimal where one can hold it, else exact text.
std::optional<ColumnType> numeric_type(const TypeName& name) {
  if (name.arguments.empty()) return ColumnType{.kind = TypeKind::kNumericText};
  const std::int32_t scale = name.arguments.size() > 1 ? name.arguments[1] : 0;
  if (name.arguments[0] < 1 || scale < 0) return std::nullopt;
  const std::int32_t precision = std::max(name.arguments[0], scale);
  if (precision > exact_values::kDecimalDigitsMax) {
    return ColumnType{.kind = TypeKind::kNumericText};
  }
  return ColumnType{.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
}

WireOrRefusal numeric_wire(std::string_view text, const TypeName& name,
                           const ConnectorSettings& settings) {
  auto type = numeric_type(name);
  if (!type) return not_known(text);
  switch (settings.decimal) {
    case DecimalMode::kString:
      return ColumnWire{.form = WireForm::kDecimalText, .type = *std::move(type)};
    case DecimalMode::kPrecise: {
      if (name.arguments.empty()) {
        return ColumnWire{.form = WireForm::kScaledDecimal, .type = *std::move(type)};
      }
      const std::int32_t scale = name.arguments.size() > 1 ? name.arguments[1] : 0;
      const WireForm form = settings.decimal_format == DecimalFormat::kNumeric
                                ? WireForm::kDecimalBytesOrNumber
                                : WireForm::kDecimalBytes;
      return ColumnWire{.form = form, .type = *std::move(type), .scale = scale};
    }
    case DecimalMode::kDouble:
      break;
  }
  return RefusedType{std::string(text),
                     "decimal.handling.mode=double rounds it before it reaches us; set it to "
                     "precise or string and take a new snapshot"};
}

WireOrRefusal binary_wire(const ConnectorSettings& settings) {
  switch (settings.binary) {
    case BinaryMode::kBytes:
    case BinaryMode::kBase64:
      break;
    case BinaryMode::kBase64UrlSafe:
      return simple(WireForm::kBase64UrlSafe, TypeKind::kBinary);
    case BinaryMode::kHex:
      return simple(WireForm::kHex, TypeKind::kBinary);
  }
  return simple(WireForm::kBase64, TypeKind::kBinary);
}

RefusedType structured(std::string_view type) {
  return {std::string(type),
          "this version does not read time.precision.mode=structured; set it to microseconds"};
}

RefusedType rounded(std::string_view type) {
  return {std::string(type),
          "time.precision.mode=connect cuts its microseconds before they reach us; set it to "
          "microseconds and take a new snapshot"};
}

WireOrRefusal date_wire(std::string_view text, const ConnectorSettings& settings) {
  switch (settings.time) {
    case TimePrecisionMode::kStructured:
      return structured(text);
    case TimePrecisionMode::kIsoString:
      return simple(WireForm::kIsoDate, TypeKind::kDate);
    case TimePrecisionMode::kNanoseconds:
      return RefusedType{std::string(text),
                         "its spelling under time.precision.mode=nanoseconds is not certain "
                         "without schema blocks; set it to microseconds, or enable schema blocks"};
    default:
      return simple(WireForm::kDays, TypeKind::kDate);
  }
}

/// The forms of time and of timestamp, which differ in name only.
struct ClockForms {
  TypeKind kind;
  WireForm millis;
  WireForm micros;
  WireForm nanos;
  WireForm iso;
};
constexpr ClockForms kTimeForms{TypeKind::kTime, WireForm::kTimeMillis, WireForm::kTimeMicros,
                                WireForm::kTimeNanos, WireForm::kIsoTime};
constexpr ClockForms kTimestampForms{TypeKind::kTimestamp, WireForm::kTimestampMillis,
                                     WireForm::kTimestampMicros, WireForm::kTimestampNanos,
                                     WireForm::kIsoTimestamp};

WireOrRefusal clock_wire(std::string_view text, const TypeName& name, const ClockForms& forms,
                         const ConnectorSettings& settings) {
  const bool is_coarse = !name.arguments.empty() && name.arguments[0] <= 3;
  switch (settings.time) {
    case TimePrecisionMode::kAdaptive:
      return simple(is_coarse ? forms.millis : forms.micros, forms.kind);
    case TimePrecisionMode::kAdaptiveMicroseconds:
      return simple(is_coarse && forms.kind == TypeKind::kTimestamp ? forms.millis : forms.micros,
                    forms.kind);
    case TimePrecisionMode::kMicroseconds:
      return simple(forms.micros, forms.kind);
    case TimePrecisionMode::kNanoseconds:
      return simple(forms.nanos, forms.kind);
    case TimePrecisionMode::kIsoString:
      return simple(forms.iso, forms.kind);
    case TimePrecisionMode::kConnect:
      if (is_coarse) return simple(forms.millis, forms.kind);
      return rounded(text);
    case TimePrecisionMode::kStructured:
      break;
  }
  return structured(text);
}

WireOrRefusal scalar_wire(std::string_view text, const ConnectorSettings& settings) {
  const auto name = take_apart(text);
  if (!name) return not_known(text);
  const std::string_view base = without_schema(name->base);
  if (base == "numeric") return numeric_wire(text, *name, settings);
  if (base == "bytea") return binary_wire(settings);
  if (base == "date") return date_wire(text, settings);
  if (base == "time without time zone") return clock_wire(text, *name, kTimeForms, settings);
  if (base == "timestamp without time zone") {
    return clock_wire(text, *name, kTimestampForms, settings);
  }
  if (base == "hstore") {
    const bool is_map = settings.hstore == HstoreMode::kMap;
    return simple(is_map ? WireForm::kMap : WireForm::kText, TypeKind::kJson);
  }
  const bool is_zoned = base.ends_with("with time zone");
  if (is_zoned && settings.time == TimePrecisionMode::kStructured) return structured(text);
  const auto plain = std::ranges::find(kPlainTypes, base, &PlainType::name);
  if (plain == kPlainTypes.end()) return not_known(text);
  return simple(plain->form, plain->kind);
}

/// Whether Debezium sends arrays of the type, whose elements are no arrays.
bool has_arrays(std::string_view element) {
  constexpr std::array<std::string_view, 4> kNotSent{"xml", "tsvector", "macaddr8", "\"char\""};
  return !element.ends_with("[]") && std::ranges::find(kNotSent, element) == kNotSent.end();
}

/// Debezium was seen to spell the elements of such an array by their type without its precision.
bool has_a_precision(std::string_view element) {
  return element.starts_with("time(") || element.starts_with("timestamp(");
}

RefusedType spelled_without_precision(std::string_view text) {
  return {std::string(text),
          "how its elements are spelled is certain only with schema blocks "
          "(value.converter.schemas.enable=true)"};
}

}  // namespace

WireOrRefusal wire_of_catalog_column(const model::CatalogColumn& column,
                                     const ConnectorSettings& settings) {
  const std::string_view text = column.base_type.empty() ? column.type : column.base_type;
  if (!text.ends_with("[]")) return scalar_wire(text, settings);
  const std::string_view element = text.substr(0, text.size() - 2);
  if (!has_arrays(element)) return not_known(text);
  if (has_a_precision(element)) return spelled_without_precision(text);
  WireOrRefusal inner = scalar_wire(element, settings);
  if (auto* refused = std::get_if<RefusedType>(&inner)) {
    return RefusedType{std::string(text), std::move(refused->mending)};
  }
  auto& wire = std::get<ColumnWire>(inner);
  ColumnWire array{.form = WireForm::kArray,
                   .type = {.kind = TypeKind::kArray, .element = {wire.type}}};
  array.element.push_back(std::move(wire));
  return array;
}

}  // namespace cdclake::debezium
