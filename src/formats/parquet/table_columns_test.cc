#include "formats/parquet/table_columns.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include <set>

namespace cdclake::parquet {
namespace {

using model::ColumnType;
using model::TypeKind;

model::TableSchemaPtr table_of(std::vector<model::Column> columns, std::vector<std::size_t> key) {
  return model::make_table_schema({"shop", "shop", "public", "t"}, std::move(columns),
                                  std::move(key));
}

const ColumnType kInt32Type{.kind = TypeKind::kInt32};
const ColumnType kTextType{.kind = TypeKind::kText};

TEST(TableColumnsTest, BeginsOurColumnsWithAnUnderscore) {
  const auto schema = table_of({{"id", kInt32Type}, {"offset", kTextType}}, {0});
  EXPECT_EQ(MetaColumns(*schema)("offset"), "_offset");
}

TEST(TableColumnsTest, GivesWayToColumnsOfTheTable) {
  EXPECT_EQ(MetaColumns(*table_of({{"_offset", kInt32Type}}, {}))("lsn"), "_cdc_lsn");
  EXPECT_EQ(MetaColumns(*table_of({{"_LSN", kInt32Type}}, {}))("lsn"), "_cdc_lsn");
  EXPECT_EQ(MetaColumns(*table_of({{"_op", kInt32Type}, {"_cdc_op", kInt32Type}}, {}))("op"),
            "_cdc_cdc_op");
  EXPECT_EQ(MetaColumns(*table_of({{"_offsets", kInt32Type}}, {}))("offset"), "_offset");
}

TEST(TableColumnsTest, MapsEveryTypeToOneThatHoldsItExactly) {
  const auto name = [](ColumnType type) { return arrow_type(type)->ToString(); };
  EXPECT_EQ(name({.kind = TypeKind::kBool}), "bool");
  EXPECT_EQ(name({.kind = TypeKind::kInt16}), "int16");
  EXPECT_EQ(name({.kind = TypeKind::kFloat32}), "float");
  EXPECT_EQ(name({.kind = TypeKind::kDecimal, .precision = 38, .scale = 2}), "decimal128(38, 2)");
  EXPECT_EQ(name({.kind = TypeKind::kDecimal, .precision = 39, .scale = 2}), "decimal256(39, 2)");
  EXPECT_EQ(name({.kind = TypeKind::kNumericText}), "string");
  EXPECT_EQ(name({.kind = TypeKind::kUuid}), "fixed_size_binary[16]");
  EXPECT_EQ(name({.kind = TypeKind::kTime}), "time64[us]");
  EXPECT_EQ(name({.kind = TypeKind::kTimestamp}), "timestamp[us]");
  EXPECT_EQ(name({.kind = TypeKind::kTimestampTz}), "timestamp[us, tz=UTC]");
  EXPECT_EQ(name({.kind = TypeKind::kArray, .element = {kInt32Type}}), "list<element: int32>");
  EXPECT_EQ(name({.kind = TypeKind::kArray, .element = {{.kind = TypeKind::kUuid}}}),
            "list<element: binary>");
}

void collect_ids(const arrow::Field& field, std::multiset<std::string>& ids) {
  if (field.metadata()) ids.insert(*field.metadata()->Get("PARQUET:field_id"));
  for (const auto& child : field.type()->fields()) collect_ids(*child, ids);
}

TEST(TableColumnsTest, GivesEveryFieldAnIdOfItsOwn) {
  const auto table = table_of({{"id", kInt32Type},
                               {"part", kTextType},
                               {"tags", {.kind = TypeKind::kArray, .element = {kTextType}}}},
                              {1, 0});
  for (const auto& schema : {stage_arrow_schema(*table), current_arrow_schema(*table)}) {
    std::multiset<std::string> ids;
    for (const auto& field : schema->fields()) collect_ids(*field, ids);
    EXPECT_EQ(ids.size(), std::set<std::string>(ids.begin(), ids.end()).size());
    EXPECT_EQ(ids.count("1"), 1U);
  }
}

TEST(TableColumnsTest, KeepsTheIdsOfOurColumnsWhenTheTableGrows) {
  const auto id_of = [](const model::TableSchemaPtr& table, const auto& make) {
    return *make(*table)->GetFieldByName("_offset")->metadata()->Get("PARQUET:field_id");
  };
  const auto narrow = table_of({{"id", kInt32Type}}, {0});
  const auto wide = table_of({{"id", kInt32Type}, {"name", kTextType}}, {0});
  EXPECT_EQ(id_of(narrow, stage_arrow_schema), id_of(wide, stage_arrow_schema));
  EXPECT_EQ(id_of(narrow, stage_arrow_schema), id_of(narrow, current_arrow_schema));
}

TEST(TableColumnsTest, TypesTheOtherKeyOfAKeyMove) {
  const auto table = table_of({{"a", kInt32Type}, {"b", kTextType}}, {1, 0});
  const auto moved = stage_arrow_schema(*table)->GetFieldByName("_moved_from");
  EXPECT_EQ(moved->type()->ToString(), "struct<b: string, a: int32>");
  EXPECT_EQ(stage_arrow_schema(*table_of({{"a", kInt32Type}}, {}))->GetFieldByName("_moved_to"),
            nullptr);
}

}  // namespace
}  // namespace cdclake::parquet
