#include "stages/silver_current/read_rows/key_codec.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/util/decimal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace cdclake::silver_current {
namespace {

using model::ColumnType;
using model::TypeKind;

KeyCodec codec_of(const std::vector<ColumnType>& types) {
  std::vector<model::Column> columns;
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < types.size(); ++i) {
    columns.push_back({"c" + std::to_string(i), types[i]});
    key.push_back(i);
  }
  auto codec = KeyCodec::make(*model::make_table_schema({"s", "d", "public", "t"}, columns, key));
  CDCLAKE_ASSERT(codec.has_value());
  return *codec;
}

template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> array_of(const std::vector<Value>& values) {
  Builder builder;
  for (const Value& value : values) CDCLAKE_ASSERT(builder.Append(value).ok());
  return *builder.Finish();
}

/// The keys of values that are given in ascending order must ascend.
void expect_ascending(const KeyCodec& codec,
                      const std::vector<std::shared_ptr<arrow::Array>>& columns) {
  const auto keys = codec.encode(columns);
  ASSERT_TRUE(keys.has_value());
  EXPECT_TRUE(std::ranges::adjacent_find(*keys, std::ranges::greater_equal{}) == keys->end());
}

TEST(KeyCodecTest, OrdersIntegersByValue) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  expect_ascending(
      codec_of({{TypeKind::kInt64}}),
      {array_of<arrow::Int64Builder, std::int64_t>({kMin, -256, -1, 0, 1, 255, 256, kMax})});
}

TEST(KeyCodecTest, OrdersTextByItsBytesAlsoWhereOneBeginsAnother) {
  using namespace std::string_literals;
  expect_ascending(codec_of({{TypeKind::kText}}),
                   {array_of<arrow::StringBuilder, std::string>(
                       {""s, "\0"s, "\0\0"s, "\0a"s, "a"s, "a\0b"s, "a\1"s, "ab"s, "\xC3\xA9"s})});
}

TEST(KeyCodecTest, OrdersDecimalsByValue) {
  const auto type = arrow::decimal128(10, 2);
  std::vector<arrow::Decimal128> values;
  for (const int cents : {-100000, -101, -100, -1, 0, 1, 255, 256, 100000})
    values.emplace_back(cents);
  arrow::Decimal128Builder builder(type);
  for (const auto& value : values) ASSERT_TRUE(builder.Append(value).ok());
  expect_ascending(codec_of({{TypeKind::kDecimal, 10, 2}}), {*builder.Finish()});
}

TEST(KeyCodecTest, OrdersRealsAsPostgresDoes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  expect_ascending(codec_of({{TypeKind::kFloat64}}),
                   {array_of<arrow::DoubleBuilder, double>(
                       {-kInfinity, -1.5, -0.5, 0, 0.5, 2, kInfinity, kNan})});
  const auto zeros = codec_of({{TypeKind::kFloat64}})
                         .encode({array_of<arrow::DoubleBuilder, double>({-0.0, 0.0})});
  ASSERT_TRUE(zeros.has_value());
  EXPECT_EQ(zeros->at(0), zeros->at(1));
}

TEST(KeyCodecTest, TellsCompositeKeysApartWhereverTheirPartsEnd) {
  const auto keys = codec_of({{TypeKind::kText}, {TypeKind::kText}})
                        .encode({array_of<arrow::StringBuilder, std::string>({"ab", "a"}),
                                 array_of<arrow::StringBuilder, std::string>({"c", "bc"})});
  ASSERT_TRUE(keys.has_value());
  EXPECT_NE(keys->at(0), keys->at(1));
}

TEST(KeyCodecTest, GroupsNumericsWithoutAScaleByValue) {
  const auto keys = codec_of({{TypeKind::kNumericText}})
                        .encode({array_of<arrow::StringBuilder, std::string>(
                            {"1.10", "1.1", "01.1", "-0", "0.00", "100", "1"})});
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ(keys->at(0), keys->at(1));
  EXPECT_EQ(keys->at(1), keys->at(2));
  EXPECT_EQ(keys->at(3), keys->at(4));
  EXPECT_NE(keys->at(5), keys->at(6));
}

TEST(KeyCodecTest, RefusesArraysAndTablesWithoutAKey) {
  const ColumnType array{TypeKind::kArray, 0, 0, {ColumnType{}}};
  EXPECT_FALSE(KeyCodec::make(*model::make_table_schema({}, {{"a", array}}, {0})).has_value());
  EXPECT_FALSE(KeyCodec::make(*model::make_table_schema({}, {{"a", {}}}, {})).has_value());
}

}  // namespace
}  // namespace cdclake::silver_current
