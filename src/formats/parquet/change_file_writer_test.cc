#include "formats/parquet/change_file_writer.h"

#include <arrow/array/array_base.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/table_columns.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::parquet {
namespace {

using model::Cell;
using model::CellState;
using model::ColumnType;
using model::TypeKind;
using testing::IsOk;
using testing::TempLake;

const lake::LakePath kPath{lake::Root::kSilver, "changes"};
const model::PartitionId kPartition{"shop.public.users", "recorded:1", 3};

Cell value() {
  Cell cell;
  cell.state = CellState::kValue;
  return cell;
}
Cell integer(std::int64_t number) {
  Cell cell = value();
  cell.integer = number;
  return cell;
}
Cell real(double number) {
  Cell cell = value();
  cell.real = number;
  return cell;
}
Cell bytes(std::string_view text) {
  Cell cell = value();
  cell.bytes = text;
  return cell;
}
model::ChangeRow row_of(model::Op op) {
  model::ChangeRow row;
  row.op = op;
  return row;
}
const Cell kNull{};

model::TableSchemaPtr schema_of(std::vector<model::Column> columns,
                                std::vector<std::size_t> key = {0}) {
  return model::make_table_schema({"shop", "db", "public", "users"}, std::move(columns),
                                  std::move(key));
}

/// Writes rows of one table and reads them back.
class ChangeFile {
 public:
  explicit ChangeFile(model::TableSchemaPtr schema) : schema_(schema), writer_(schema) {}

  void append(std::vector<Cell> cells, model::ChangeRow row = {}, std::int64_t offset = 0) {
    row.schema = schema_;
    row.cells = cells;
    model::RawRecord record;
    record.partition = &kPartition;
    record.offset = offset;
    ASSERT_THAT(writer_.append(row, record, 0), IsOk());
  }

  void write() {
    auto file = lake_.fs().create(kPath);
    ASSERT_THAT(file, IsOk());
    const std::int64_t rows = writer_.row_count();
    EXPECT_EQ(writer_.write(**file, {{"cdclake.kind", "stage"}}), rows);
    ASSERT_THAT((*file)->sync_and_close(), IsOk());
    auto reader = ParquetReader::open(lake_.fs(), kPath);
    ASSERT_THAT(reader, IsOk());
    EXPECT_EQ(reader->footer().at("cdclake.kind"), "stage");
    table_ = reader->read().value();
  }

  /// A cell as Arrow prints it.
  std::string at(const std::string& column, std::int64_t row = 0) const {
    const auto scalar = table_->GetColumnByName(column)->GetScalar(row).ValueOrDie();
    return scalar->is_valid ? scalar->ToString() : "null";
  }
  std::int64_t row_count() const { return table_->num_rows(); }
  ChangeFileWriter& writer() { return writer_; }

 private:
  TempLake lake_;
  model::TableSchemaPtr schema_;
  ChangeFileWriter writer_;
  std::shared_ptr<arrow::Table> table_;
};

TEST(ChangeFileWriterTest, KeepsEveryTypeExact) {
  const std::string decimal("\x2e\xfb\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
  const std::string wide(32, '\0');
  const std::array<Cell, 3> items{bytes("a"), kNull, bytes("")};
  Cell list = value();
  list.items = items;
  const std::vector<std::tuple<ColumnType, Cell, std::string>> cases = {
      {{.kind = TypeKind::kBool}, integer(1), "true"},
      {{.kind = TypeKind::kInt16}, integer(-32768), "-32768"},
      {{.kind = TypeKind::kInt32}, integer(2147483647), "2147483647"},
      {{.kind = TypeKind::kInt64}, integer(INT64_MIN), "-9223372036854775808"},
      {{.kind = TypeKind::kFloat32}, real(3.5), "3.5"},
      {{.kind = TypeKind::kFloat64}, real(-0.0), "-0"},
      {{.kind = TypeKind::kDecimal, .precision = 10, .scale = 2}, bytes(decimal), "-12.34"},
      {{.kind = TypeKind::kDecimal, .precision = 40, .scale = 2}, bytes(wide), "0.00"},
      {{.kind = TypeKind::kNumericText}, bytes("1.10"), "1.10"},
      {{.kind = TypeKind::kText}, bytes("Zo\xc3\xab"), "Zo\xc3\xab"},
      {{.kind = TypeKind::kJson}, bytes("{\"a\" : 1}"), "{\"a\" : 1}"},
      {{.kind = TypeKind::kBinary}, bytes(std::string_view("\0\xff", 2)), "..."},
      {{.kind = TypeKind::kUuid}, bytes("0123456789abcdef"), "..."},
      {{.kind = TypeKind::kDate}, integer(-1), "1969-12-31"},
      {{.kind = TypeKind::kTime}, integer(86399999999), "23:59:59.999999"},
      {{.kind = TypeKind::kTimestamp}, integer(1), "1970-01-01 00:00:00.000001"},
      {{.kind = TypeKind::kTimestampTz}, integer(-1), "1969-12-31 23:59:59.999999Z"},
      {{.kind = TypeKind::kArray, .element = {{.kind = TypeKind::kText}}},
       list,
       "list<element: string>[a, null, ]"},
  };
  std::vector<model::Column> columns;
  std::vector<Cell> cells;
  for (const auto& [type, cell, text] : cases) {
    columns.push_back({"c" + std::to_string(columns.size()), type});
    cells.push_back(cell);
  }
  ChangeFile file(schema_of(columns));
  file.append(cells);
  file.append(std::vector<Cell>(cells.size(), kNull));
  ASSERT_NO_FATAL_FAILURE(file.write());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string& expected = std::get<2>(cases[i]);
    if (expected != "...") {
      EXPECT_EQ(file.at(columns[i].name), expected) << i;
    }
    EXPECT_NE(file.at(columns[i].name), "null");
    EXPECT_EQ(file.at(columns[i].name, 1), "null");
  }
}

TEST(ChangeFileWriterTest, SaysWhereAChangeStood) {
  ChangeFile file(schema_of({{"id", {.kind = TypeKind::kInt32}}}));
  model::ChangeRow row;
  row.op = model::Op::kUpdate;
  row.commit_ts_us = 1'795'416'067'456'906;
  row.lsn = 5;
  row.tx_id = 6;
  row.seq_commit = 7;
  row.seq_lsn = 8;
  file.append({integer(1)}, row, 42);
  model::ChangeRow snapshot = row_of(model::Op::kSnapshotRead);
  snapshot.is_snapshot = true;
  file.append({integer(1)}, snapshot, 43);
  ASSERT_NO_FATAL_FAILURE(file.write());
  const std::vector<std::tuple<std::string, std::string, std::string>> expected = {
      {"_op", "u", "r"},
      {"_commit_ts", "2026-11-23 06:41:07.456906Z", "null"},
      {"_lsn", "5", "null"},
      {"_tx_id", "6", "null"},
      {"_seq_commit", "7", "null"},
      {"_seq_lsn", "8", "null"},
      {"_topic", "shop.public.users", "shop.public.users"},
      {"_incarnation", "recorded:1", "recorded:1"},
      {"_partition", "3", "3"},
      {"_offset", "42", "43"},
      {"_epoch", "0", "0"},
      {"_is_snapshot", "false", "true"},
      {"_unchanged", "null", "null"},
      {"_moved_from", "null", "null"},
      {"_moved_to", "null", "null"},
  };
  for (const auto& [column, first, second] : expected) {
    EXPECT_EQ(file.at(column, 0), first) << column;
    EXPECT_EQ(file.at(column, 1), second) << column;
  }
}

TEST(ChangeFileWriterTest, MarksUnchangedCellsInABitmap) {
  std::vector<model::Column> columns;
  for (int i = 0; i < 10; ++i) {
    columns.push_back({"c" + std::to_string(i), {.kind = TypeKind::kText}});
  }
  ChangeFile file(schema_of(columns));
  std::vector<Cell> cells(10, kNull);
  cells[0].state = CellState::kUnset;
  cells[2].state = CellState::kUnchanged;
  cells[9].state = CellState::kUnchanged;
  file.append(cells);
  ASSERT_NO_FATAL_FAILURE(file.write());
  EXPECT_EQ(file.at("_unchanged"), std::string("\x04\x02", 2));
  EXPECT_EQ(file.at("c2"), "null");
}

TEST(ChangeFileWriterTest, HoldsTheOtherKeyOfAKeyMoveTyped) {
  ChangeFile file(schema_of({{"v", {.kind = TypeKind::kText}},
                             {"b", {.kind = TypeKind::kText}},
                             {"a", {.kind = TypeKind::kInt32}}},
                            {2, 1}));
  const std::array<Cell, 2> other{integer(7), bytes("z")};
  model::ChangeRow deleted = row_of(model::Op::kDelete);
  deleted.moved_to = other;
  model::ChangeRow created = row_of(model::Op::kCreate);
  created.moved_from = other;
  file.append({kNull, bytes("y"), integer(1)}, deleted);
  file.append({kNull, bytes("y"), integer(1)}, created);
  ASSERT_NO_FATAL_FAILURE(file.write());
  const std::string key = "{a:int32 = 7, b:string = z}";
  EXPECT_EQ(file.at("_moved_to", 0), key);
  EXPECT_EQ(file.at("_moved_from", 0), "null");
  EXPECT_EQ(file.at("_moved_from", 1), key);
  EXPECT_EQ(file.at("_moved_to", 1), "null");
}

TEST(ChangeFileWriterTest, NamesItsColumnsAwayFromTheTables) {
  ChangeFile file(schema_of({{"_offset", {.kind = TypeKind::kInt32}}}));
  file.append({integer(1)}, {}, 42);
  ASSERT_NO_FATAL_FAILURE(file.write());
  EXPECT_EQ(file.at("_offset"), "1");
  EXPECT_EQ(file.at("_cdc_offset"), "42");
}

TEST(ChangeFileWriterTest, StagesATableWithoutKey) {
  ChangeFile file(schema_of({{"v", {.kind = TypeKind::kInt32}}}, {}));
  file.append({integer(1)});
  ASSERT_NO_FATAL_FAILURE(file.write());
  EXPECT_EQ(file.row_count(), 1);
}

TEST(ChangeFileWriterTest, StartsAnewAfterAFile) {
  ChangeFile file(schema_of({{"id", {.kind = TypeKind::kInt32}}}));
  file.append({integer(1)});
  ASSERT_NO_FATAL_FAILURE(file.write());
  EXPECT_EQ(file.writer().row_count(), 0);
  file.append({integer(2)});
  EXPECT_EQ(file.writer().row_count(), 1);
}

}  // namespace
}  // namespace cdclake::parquet
