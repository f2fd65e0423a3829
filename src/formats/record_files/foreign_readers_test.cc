#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "formats/parquet/parquet_writer.h"
#include "formats/parquet/table_columns.h"
#include "formats/record_files/record_file_writer.h"
#include "testing/fake_record.h"
#include "testing/matchers.h"
#include "testing/python_script.h"
#include "testing/temp_lake.h"

namespace cdclake::parquet {
namespace {

using model::ColumnType;
using model::TypeKind;
using testing::IsOk;
using testing::TempLake;

const lake::LakePath kPath{lake::Root::kBronze, "file.parquet"};

void expect_read(TempLake& lake, const std::string& what) {
  const auto result = testing::run_python("src/formats/record_files/foreign_readers.py",
                                          {what, lake.fs().absolute(kPath)});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST(ForeignReadersTest, OpenABronzeFile) {
  ASSERT_EQ(testing::trouble_with_readers(), "");
  TempLake lake;
  auto file = lake.fs().create(kPath);
  ASSERT_THAT(file, IsOk());
  auto writer = record_files::RecordFileWriter::open(**file);
  ASSERT_THAT(writer, IsOk());
  testing::RawRecords raw;
  for (const testing::FakeRecord& record : std::vector<testing::FakeRecord>{
           {.offset = 10, .timestamp_ms = 1'764'000'000'123, .key = "k", .value = "{\"a\":1}"},
           {.offset = 11, .value = std::nullopt, .headers = {{"a", "1"}, {"a", std::nullopt}}},
           {.offset = 12, .timestamp_ms = -1, .key = std::nullopt, .value = "\xff\xfe"},
           {.offset = 13, .key = "", .value = ""}}) {
    ASSERT_THAT(writer->append(raw.add(record), 1'764'000'000'500'000), IsOk());
  }
  ASSERT_THAT(std::move(*writer).finish({{"cdclake.run", "abc"}}), IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
  expect_read(lake, "bronze");
}

/// Columns: a value as Arrow's JSON has it, and a null.
using Values = std::vector<std::pair<ColumnType, const char*>>;

const Values kTypes = {
    {{.kind = TypeKind::kBool}, "[true, null]"},
    {{.kind = TypeKind::kInt16}, "[-32768, null]"},
    {{.kind = TypeKind::kInt32}, "[2147483647, null]"},
    {{.kind = TypeKind::kInt64}, "[-9223372036854775808, null]"},
    {{.kind = TypeKind::kFloat32}, "[1.5, null]"},
    {{.kind = TypeKind::kFloat64}, "[0.1, null]"},
    {{.kind = TypeKind::kDecimal, .precision = 10, .scale = 2}, R"(["-12345678.90", null])"},
    {{.kind = TypeKind::kDecimal, .precision = 38, .scale = 0},
     R"(["99999999999999999999999999999999999999", null])"},
    {{.kind = TypeKind::kNumericText}, R"(["1e-130000", null])"},
    {{.kind = TypeKind::kText}, R"(["größer", null])"},
    {{.kind = TypeKind::kBinary}, R"(["bytes", null])"},
    {{.kind = TypeKind::kUuid}, R"(["0123456789abcdef", null])"},
    {{.kind = TypeKind::kDate}, "[20000, null]"},
    {{.kind = TypeKind::kTime}, "[86399999999, null]"},
    {{.kind = TypeKind::kTimestamp}, "[1764000000123456, null]"},
    {{.kind = TypeKind::kTimestampTz}, "[1764000000123456, null]"},
    {{.kind = TypeKind::kArray, .element = {{.kind = TypeKind::kInt32}}}, "[[1, null, 3], null]"},
    {{.kind = TypeKind::kArray, .element = {{.kind = TypeKind::kUuid}}},
     R"([["0123456789abcdef"], null])"},
};

/// What readers show in different ways, as docs/formats/types.md says: a number past 38 digits, the
/// end of a day, days and instants before Christ and past the year 9999.
const Values kEdges = {
    {{.kind = TypeKind::kDecimal, .precision = 76, .scale = 0},
     R"(["9999999999999999999999999999999999999999999999999999999999999999999999999999", null])"},
    {{.kind = TypeKind::kTime}, "[86400000000, null]"},
    {{.kind = TypeKind::kDate}, "[-1000000, null]"},
    {{.kind = TypeKind::kDate}, "[2933263, null]"},
    {{.kind = TypeKind::kTimestamp}, "[-86400000000000000, null]"},
    {{.kind = TypeKind::kTimestampTz}, "[253433923200000001, null]"},
};

/// Writes a table of these values and has others read it.
void expect_read_of(const Values& values, const std::string& what) {
  ASSERT_EQ(testing::trouble_with_readers(), "");
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& [type, json] : values) {
    fields.push_back(arrow::field("c" + std::to_string(fields.size()), arrow_type(type)));
    auto array = arrow::json::ArrayFromJSONString(fields.back()->type(), json);
    ASSERT_TRUE(array.ok()) << array.status().ToString();
    columns.push_back(*array);
  }
  TempLake lake;
  auto file = lake.fs().create(kPath);
  ASSERT_THAT(file, IsOk());
  auto batch = arrow::RecordBatch::Make(arrow::schema(fields), 2, columns);
  auto writer = ParquetWriter::open(**file, batch->schema(), {});
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT(writer->write(*batch), IsOk());
  ASSERT_THAT(std::move(*writer).finish({}), IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
  expect_read(lake, what);
}

TEST(ForeignReadersTest, OpenATableOfEveryType) { expect_read_of(kTypes, "types"); }

TEST(ForeignReadersTest, ShowTheEdgesOfTypesAsDocumented) { expect_read_of(kEdges, "edges"); }

}  // namespace
}  // namespace cdclake::parquet
