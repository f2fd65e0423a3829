// Every spelling of every type: catalog type and connector settings in, value or refusal out.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "formats/debezium/event_workbench.h"
#include "formats/debezium/record_decoder.h"
#include "formats/debezium/table_plans/catalog_types.h"

namespace cdclake::debezium {
namespace {

using model::Cell;
using model::CellState;
using model::TypeKind;
using Settings = ConnectorSettings;

const Settings kDefaults{};

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text +=
        {kDigits[static_cast<unsigned char>(c) / 16], kDigits[static_cast<unsigned char>(c) % 16]};
  }
  return text;
}

std::string show(const Cell& cell, const model::ColumnType& type) {
  if (cell.state == CellState::kNull) return "null";
  if (cell.state == CellState::kUnchanged) return "unchanged";
  switch (type.kind) {
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kNumericText:
      return std::string(cell.bytes);
    case TypeKind::kBinary:
    case TypeKind::kUuid:
      return hex(cell.bytes);
    case TypeKind::kDecimal: {
      std::int64_t low = 0;
      std::memcpy(&low, cell.bytes.data(), sizeof low);
      return std::to_string(low) + "e-" + std::to_string(type.scale);
    }
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return (std::signbit(cell.real) && cell.real == 0 ? "-0" : std::to_string(cell.real));
    case TypeKind::kArray: {
      std::string text;
      for (const Cell& item : cell.items) text += show(item, type.element.front()) + ",";
      return "[" + text + "]";
    }
    default:
      return std::to_string(cell.integer);
  }
}

/// What an update's column of that type becomes: the value, or the reason why it is none.
std::string decode(const std::string& type, const std::string& json,
                   const Settings& settings = kDefaults) {
  const auto catalog = catalog_of_t({{"id", "integer"}, {"v", type}});
  RecordDecoder decoder(settings, &catalog);
  TestRecord record(R"({"id":1})", TestEvent{.after = R"({"id":1,"v":)" + json + "}"}.text());
  const auto decoded = decoder.decode(record.raw());
  const auto* row = std::get_if<model::ChangeRow>(&decoded);
  return row == nullptr ? outcome_of(decoded) : show(row->cells[1], row->schema->columns[1].type);
}

constexpr const char* kOut = "VALUE_NOT_REPRESENTABLE";
constexpr const char* kWrong = "VALUE_TYPE";
constexpr const char* kRefused = "undecided";

TEST(ValueFormsTest, Integers) {
  EXPECT_EQ(decode("bigint", "9007199254740993"), "9007199254740993");
  EXPECT_EQ(decode("bigint", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(decode("bigint", "9223372036854775808"), kOut);
  EXPECT_EQ(decode("oid", "4294967295"), "4294967295");
  EXPECT_EQ(decode("smallint", "-32768"), "-32768");
  EXPECT_EQ(decode("smallint", "32768"), kOut);
  EXPECT_EQ(decode("integer", "2147483648"), kOut);
  EXPECT_EQ(decode("integer", "1.0"), kWrong);
  EXPECT_EQ(decode("integer", "1e3"), kWrong);
  EXPECT_EQ(decode("integer", "\"1\""), kWrong);
  EXPECT_EQ(decode("integer", "01"), "JSON_PARSE");
  EXPECT_EQ(decode("integer", "null"), "null");
  EXPECT_EQ(decode("boolean", "true"), "1");
  EXPECT_EQ(decode("boolean", "1"), kWrong);
  EXPECT_EQ(decode("boolean", "truth"), "JSON_PARSE");
}

TEST(ValueFormsTest, Floats) {
  EXPECT_EQ(decode("double precision", "0.1"), "0.100000");
  EXPECT_EQ(decode("double precision", "1.0E308").size(), 316U);
  EXPECT_EQ(decode("double precision", "1E400"), kOut);
  EXPECT_EQ(decode("real", "1E39"), kOut);
  EXPECT_EQ(decode("real", "-0.0"), "-0");
  EXPECT_EQ(decode("real", R"("NaN")"), "nan");
  EXPECT_EQ(decode("double precision", R"("-Infinity")"), "-inf");
  EXPECT_EQ(decode("double precision", R"("nan")"), kWrong);
  EXPECT_EQ(decode("double precision", "-inf"), "JSON_PARSE");
  const auto catalog = catalog_of_t({{"id", "integer"}, {"v", "real"}});
  RecordDecoder decoder(kDefaults, &catalog);
  TestRecord record(R"({"id":1})", TestEvent{.after = R"({"id":1,"v":3.3})"}.text());
  const auto decoded = decoder.decode(record.raw());
  EXPECT_EQ(static_cast<float>(std::get<model::ChangeRow>(decoded).cells[1].real), 3.3F);
}

TEST(ValueFormsTest, Decimals) {
  const Settings as_text{.decimal = DecimalMode::kString};
  EXPECT_EQ(decode("numeric(10,2)", R"("BAE=")"), "1025e-2");
  EXPECT_EQ(decode("numeric(10,2)", R"("+zI=")"), "-1230e-2");
  // A number may be a rounded one: the configuration was written down wrongly.
  EXPECT_EQ(decode("numeric(10,2)", "10.25"), kWrong);
  EXPECT_EQ(decode("numeric(10,2)", "10.25", as_text), kWrong);
  EXPECT_EQ(decode("numeric", "1.5", as_text), kWrong);
  const Settings as_number{.decimal_format = DecimalFormat::kNumeric};
  EXPECT_EQ(decode("numeric(10,2)", "10.25", as_number), "1025e-2");
  EXPECT_EQ(decode("numeric(10,2)[]", "[10.25,null]", as_number), "[1025e-2,null,]");
  EXPECT_EQ(decode("numeric(10,2)", R"("BAE=")", as_number), "1025e-2");
  EXPECT_EQ(decode("numeric(5)", R"("Kg==")"), "42e-0");
  EXPECT_EQ(decode("numeric(3,5)", R"("ew==")"), "123e-5");
  EXPECT_EQ(decode("numeric(2,1)", R"("BAE=")"), kOut);
  EXPECT_EQ(decode("numeric(10,2)", R"("B!E=")"), kWrong);
  EXPECT_EQ(decode("numeric(10,2)", R"("10.25")", as_text), "1025e-2");
  EXPECT_EQ(decode("numeric(10,2)", R"("10.255")", as_text), kOut);
  EXPECT_EQ(decode("numeric(10,2)", R"("NAN")", as_text), kOut);
  EXPECT_EQ(decode("numeric(10,2)", R"("ten")", as_text), kWrong);
  EXPECT_EQ(decode("numeric(10,2)", "10.25", {.decimal = DecimalMode::kDouble}), kRefused);
  EXPECT_EQ(decode("numeric(10,-2)", R"("BAE=")"), kRefused);
}

TEST(ValueFormsTest, NumbersWithoutADeclaredPrecision) {
  const Settings as_text{.decimal = DecimalMode::kString};
  EXPECT_EQ(decode("numeric", R"({"scale":2,"value":"CK4="})"), "22.22");
  EXPECT_EQ(decode("numeric", R"({"value":"CK4=","scale":"2"})"), kWrong);
  EXPECT_EQ(decode("numeric", R"({"scale":2})"), kWrong);
  EXPECT_EQ(decode("numeric", R"({"scale":2,"scale":0,"value":"CK4="})"), "DUPLICATE_FIELD");
  EXPECT_EQ(decode("numeric", R"({"scale":2,"value":"CK4=","value":null})"), "DUPLICATE_FIELD");
  EXPECT_EQ(decode("numeric", R"({"scal\u0065":2,"value":"CK4="})"), "22.22");
  EXPECT_EQ(decode("numeric", R"("CK4=")"), kWrong);
  EXPECT_EQ(decode("numeric", R"("1.10")", as_text), "1.10");
  EXPECT_EQ(decode("numeric", R"("NAN")", as_text), "NaN");
  EXPECT_EQ(decode("numeric", R"("POSITIVE_INFINITY")", as_text), "Infinity");
  EXPECT_EQ(decode("numeric", R"("__debezium_unavailable_value")", as_text), "unchanged");
  EXPECT_EQ(decode("numeric", "1.1", {.decimal = DecimalMode::kDouble}), kRefused);
  EXPECT_EQ(decode("numeric(100,2)", R"("BAE=")"), "10.25");
}

TEST(ValueFormsTest, Texts) {
  for (const char* type : {"text", "character varying(20)", "character(5)", "bpchar", "citext",
                           "public.citext", "xml", "inet", "cidr", "macaddr", "ltree", "tsvector",
                           "time with time zone", "json", "jsonb", "hstore"}) {
    EXPECT_EQ(decode(type, R"("a \"b\" \u00e9 \ud83d\ude00")"), "a \"b\" é 😀") << type;
  }
  EXPECT_EQ(decode("text", R"("\ud800")"), "JSON_PARSE");
  EXPECT_EQ(decode("text", "\"\xFF\""), "NOT_UTF8");
  EXPECT_EQ(decode("text", "1"), kWrong);
  EXPECT_EQ(decode("text", "{}"), kWrong);
  EXPECT_EQ(decode("text", "\"\""), "");
  const Settings map{.hstore = HstoreMode::kMap};
  EXPECT_EQ(decode("hstore", R"({"k": "v","n":null})", map), R"({"k": "v","n":null})");
  EXPECT_EQ(decode("hstore", R"({"k":1})", map), kWrong);
  EXPECT_EQ(
      decode("hstore", R"({"__debezium_unavailable_value":"__debezium_unavailable_value"})", map),
      "unchanged");
}

TEST(ValueFormsTest, BytesAndUuids) {
  EXPECT_EQ(decode("bytea", R"("AP8=")"), "00ff");
  EXPECT_EQ(decode("bytea", R"("+/8=")"), "fbff");
  EXPECT_EQ(decode("bytea", R"("-_8=")", {.binary = BinaryMode::kBase64UrlSafe}), "fbff");
  EXPECT_EQ(decode("bytea", R"("00fF")", {.binary = BinaryMode::kHex}), "00ff");
  EXPECT_EQ(decode("bytea", R"("00f")", {.binary = BinaryMode::kHex}), kWrong);
  EXPECT_EQ(decode("bytea", R"("")"), "");
  EXPECT_EQ(decode("uuid", R"("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")"),
            "a0eebc999c0b4ef8bb6d6bb9bd380a11");
  EXPECT_EQ(decode("uuid", R"("")"), kWrong);
}

TEST(ValueFormsTest, Dates) {
  const Settings iso{.time = TimePrecisionMode::kIsoString};
  EXPECT_EQ(decode("date", "19782"), "19782");
  EXPECT_EQ(decode("date", "-2440588"), "-2440588");
  // Infinity, as the stream and as the snapshot spells it.
  for (const char* sentinel : {"2146033979", "-2147472691", "-622191234", "-625821272"}) {
    EXPECT_EQ(decode("date", sentinel), kOut) << sentinel;
  }
  EXPECT_EQ(decode("date", R"("2024-02-29Z")", iso), "19782");
  EXPECT_EQ(decode("date", "19782", {.time = TimePrecisionMode::kStructured}), kRefused);
}

TEST(ValueFormsTest, Times) {
  const auto mode = [](TimePrecisionMode time) { return Settings{.time = time}; };
  const std::string plain = "time without time zone";
  const std::string coarse = "time(3) without time zone";
  EXPECT_EQ(decode(plain, "45296789000"), "45296789000");
  EXPECT_EQ(decode(plain, "86400000000"), "86400000000");
  EXPECT_EQ(decode(plain, "86400000001"), kOut);
  EXPECT_EQ(decode(coarse, "45296789"), "45296789000");
  EXPECT_EQ(decode(coarse, "45296789000", mode(TimePrecisionMode::kAdaptiveMicroseconds)),
            "45296789000");
  EXPECT_EQ(decode(plain, "45296789000001", mode(TimePrecisionMode::kNanoseconds)), kOut);
  EXPECT_EQ(decode(plain, "45296789000000", mode(TimePrecisionMode::kNanoseconds)), "45296789000");
  EXPECT_EQ(decode(plain, R"("12:34:56.789Z")", mode(TimePrecisionMode::kIsoString)),
            "45296789000");
  EXPECT_EQ(decode(coarse, "45296789", mode(TimePrecisionMode::kConnect)), "45296789000");
  EXPECT_EQ(decode(plain, "45296789", mode(TimePrecisionMode::kConnect)), kRefused);
}

TEST(ValueFormsTest, Timestamps) {
  const auto mode = [](TimePrecisionMode time) { return Settings{.time = time}; };
  const std::string plain = "timestamp without time zone";
  const std::string coarse = "timestamp(3) without time zone";
  EXPECT_EQ(decode(plain, "1709168523123456"), "1709168523123456");
  EXPECT_EQ(decode(plain, "9223372036854775807"), kOut);
  EXPECT_EQ(decode(plain, "-9223372036854775808"), kOut);
  EXPECT_EQ(decode(coarse, "1709168523123"), "1709168523123000");
  EXPECT_EQ(decode(coarse, "9223372036825200000"), kOut);
  EXPECT_EQ(decode(coarse, "1709168523123", mode(TimePrecisionMode::kAdaptiveMicroseconds)),
            "1709168523123000");
  EXPECT_EQ(decode(coarse, "1709168523123000", mode(TimePrecisionMode::kMicroseconds)),
            "1709168523123000");
  EXPECT_EQ(decode(plain, "1709168523123456000", mode(TimePrecisionMode::kNanoseconds)),
            "1709168523123456");
  EXPECT_EQ(decode(plain, R"("2024-02-29T01:02:03.123456Z")", mode(TimePrecisionMode::kIsoString)),
            "1709168523123456");
  EXPECT_EQ(decode(coarse, "1709168523123", mode(TimePrecisionMode::kConnect)), "1709168523123000");
  EXPECT_EQ(decode(plain, "1709168523123", mode(TimePrecisionMode::kConnect)), kRefused);
  const std::string zoned = "timestamp with time zone";
  EXPECT_EQ(decode(zoned, R"("2024-02-29T01:02:03.123456Z")"), "1709168523123456");
  EXPECT_EQ(decode(zoned, R"("infinity")"), kOut);
  EXPECT_EQ(decode(zoned, "1709168523123456"), kWrong);
}

TEST(ValueFormsTest, Arrays) {
  EXPECT_EQ(decode("integer[]", "[1,null,-3]"), "[1,null,-3,]");
  EXPECT_EQ(decode("text[]", R"(["a","",null,"NULL"])"), "[a,,null,NULL,]");
  EXPECT_EQ(decode("bigint[]", "[]"), "[]");
  EXPECT_EQ(decode("bigint[]", "null"), "null");
  EXPECT_EQ(decode("bytea[]", R"(["AP8="])"), "[00ff,]");
  EXPECT_EQ(decode("date[]", "[19782]"), "[19782,]");
  EXPECT_EQ(decode("numeric(10,2)[]", R"(["BAE=",null])"), "[1025e-2,null,]");
  EXPECT_EQ(decode("numeric[]", R"([{"scale":2,"value":"CK4="}])"), "[22.22,]");
  EXPECT_EQ(decode("timestamp with time zone[]", R"(["2024-02-29T01:02:03.123456Z"])"),
            "[1709168523123456,]");
  EXPECT_EQ(decode("jsonb[]", R"(["{\"a\": 1}"])"), R"([{"a": 1},])");
  EXPECT_EQ(decode("boolean[]", "[true,false]"), "[1,0,]");
  EXPECT_EQ(decode("double precision[]", "[1.5]"), "[1.500000,]");
  EXPECT_EQ(decode("integer[]", "[[1,2]]"), kWrong);
  EXPECT_EQ(decode("integer[]", "1"), kWrong);
  EXPECT_EQ(decode("integer", "[1]"), kWrong);
  EXPECT_EQ(decode("integer[]", "[2147483648]"), kOut);
  const auto of_size = [](std::size_t size) {
    std::string items;
    for (std::size_t i = 0; i < size; ++i) items += ",0";
    return "[" + items.substr(1) + "]";
  };
  EXPECT_EQ(decode("integer[]", of_size(1'000'000)).size(), 2'000'002U);
  EXPECT_EQ(decode("integer[]", of_size(1'000'001)), "TOO_MANY_ITEMS");
  EXPECT_EQ(decode("text[]", R"(["__debezium_unavailable_value"])"), "unchanged");
  EXPECT_EQ(decode("text[]", R"(["__debezium_unavailable_value","x"])"),
            "[__debezium_unavailable_value,x,]");
}

TEST(ValueFormsTest, TakesNoArrayWhoseNumbersSwellPastAllMemory) {
  std::string items;
  for (int i = 0; i < 10'000; ++i) items += R"(,{"scale":-131000,"value":"AQ=="})";
  EXPECT_EQ(decode("numeric[]", "[" + items.substr(1) + "]"), "TOO_MANY_ITEMS");
}

TEST(ValueFormsTest, RefusesTypesThatItDoesNotKnow) {
  for (const char* type :
       {"interval", "bit(3)", "bit(1)", "point", "int4range", "money", "name", "vector", "mood",
        "tsquery", "pg_lsn", "xml[]", "timestamp(3) without time zone[]", "interval[]", "numeric(",
        "integer[][]", "numeric(0)", "numeric(-1)"}) {
    EXPECT_EQ(decode(type, "null"), kRefused) << type;
  }
}

TEST(ValueFormsTest, NamesSchemaBlocksAsTheWayOutForArraysOfTimesWithAPrecision) {
  for (const char* type : {"timestamp(6) without time zone[]", "timestamp(3) with time zone[]",
                           "time(0) without time zone[]", "time(6) with time zone[]"}) {
    const auto wire = wire_of_catalog_column({.name = "c", .type = type}, kDefaults);
    const auto& refused = std::get<RefusedType>(wire);
    EXPECT_NE(refused.mending.find("schemas.enable"), std::string::npos) << type;
    EXPECT_EQ(refused.mending.find("leave the column out"), std::string::npos) << type;
  }
}

TEST(ValueFormsTest, FollowsWhatADomainOrAnEnumRestsOn) {
  const auto kind_of = [](const char* type, const char* base) {
    const auto wire =
        wire_of_catalog_column({.name = "c", .type = type, .base_type = base}, kDefaults);
    const auto* known = std::get_if<ColumnWire>(&wire);
    return known == nullptr ? std::string("refused") : model::to_string(known->type);
  };
  EXPECT_EQ(kind_of("public.mood", "text"), "text");
  EXPECT_EQ(kind_of("public.mood[]", "text[]"), "array(text)");
  EXPECT_EQ(kind_of("public.amount", "numeric(8,3)"), "decimal(8,3)");
  EXPECT_EQ(kind_of("public.amount", ""), "refused");
}

}  // namespace
}  // namespace cdclake::debezium
