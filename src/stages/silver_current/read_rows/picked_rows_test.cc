#include "stages/silver_current/read_rows/picked_rows.h"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <array>

#include "formats/parquet/parquet_writer.h"
#include "stages/silver_current/read_rows/whole_columns.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::silver_current {
namespace {

using testing::IsOk;

/// A file of the numbers 0 to 9, three a row group, each beside its double.
class NumbersFile {
 public:
  NumbersFile() {
    arrow::Int64Builder number;
    arrow::Int64Builder twice;
    for (std::int64_t i = 0; i < 10; ++i) {
      EXPECT_TRUE(number.Append(i).ok());
      EXPECT_TRUE(twice.Append(2 * i).ok());
    }
    const auto table =
        arrow::Table::Make(arrow::schema({arrow::field("number", arrow::int64()),
                                          arrow::field("twice", arrow::int64())}),
                           {number.Finish().ValueOrDie(), twice.Finish().ValueOrDie()});
    const auto file = lake_.fs().create(path_);
    EXPECT_THAT(file, IsOk());
    parquet::ParquetLayout layout;
    layout.group_rows_max = 3;
    auto writer = parquet::ParquetWriter::open(**file, table->schema(), layout);
    EXPECT_THAT(writer, IsOk());
    EXPECT_THAT(writer->write(*table), IsOk());
    EXPECT_THAT(std::move(*writer).finish({}), IsOk());
    EXPECT_THAT((*file)->sync_and_close(), IsOk());
  }

  parquet::ParquetReader open() { return *parquet::ParquetReader::open(lake_.fs(), path_); }

 private:
  testing::TempLake lake_;
  lake::LakePath path_{lake::Root::kSilver, "numbers.parquet"};
};

TEST(PickedRowsTest, HoldsRowsOfAllFilesInTheOrderOfTheirAdding) {
  NumbersFile file;
  PickedRows picked({"twice"}, 1'000);
  for (const auto& rows : {std::array<std::int64_t, 3>{1, 8, 9}, {3, 4, 5}}) {
    auto reader = file.open();
    EXPECT_EQ(*picked.add(reader, rows), Fit::kFits);
  }
  const auto table = std::move(picked).finish();
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ((*table)->num_columns(), 1);
  const auto twice = std::static_pointer_cast<arrow::Int64Array>(whole_column(**table, "twice"));
  std::vector<std::int64_t> values;
  for (std::int64_t row = 0; row < twice->length(); ++row) values.push_back(twice->Value(row));
  EXPECT_EQ(values, (std::vector<std::int64_t>{2, 16, 18, 6, 8, 10}));
}

TEST(PickedRowsTest, ReadsOnlyRowGroupsThatHoldARowAndStopsAtTheBound) {
  NumbersFile file;
  auto reader = file.open();
  PickedRows picked({"number"}, 20);
  EXPECT_EQ(*picked.add(reader, std::array<std::int64_t, 1>{4}), Fit::kFits);
  EXPECT_LT(picked.bytes(), 20) << "of one row, not of its group";
  EXPECT_EQ(*picked.add(reader, std::array<std::int64_t, 4>{0, 1, 2, 9}), Fit::kTooLarge);
}

TEST(PickedRowsTest, AreNoTableWhereNoneIsPicked) {
  EXPECT_EQ(*PickedRows({"number"}, 20).finish(), nullptr);
}

}  // namespace
}  // namespace cdclake::silver_current
