#include "stages/silver_current/read_rows/borrowed_rows.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/array/util.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include "formats/parquet/parquet_writer.h"
#include "formats/parquet/table_columns.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::silver_current {
namespace {

using testing::FailsWith;
using testing::IsOk;

/// A version of a table `id int64 primary key, name text`, and a batch that wants some of its keys.
class VersionUnderTest {
 public:
  /// Adds a file that says it holds ids from the first to the last.
  void add_file(const std::vector<std::int64_t>& ids) {
    metadata::CurrentFile file;
    file.id = FileId("f" + std::to_string(files_.size()));
    file.rows = static_cast<std::int64_t>(ids.size());
    file.key_min = encoded(ids.front());
    file.key_max = encoded(ids.back());
    write(folder_.file(file.id), ids);
    files_.push_back(file);
  }

  Result<std::optional<BorrowedRows>> borrow(const std::vector<std::int64_t>& ids) {
    ChangeBatch batch;
    BorrowedRows::Wanted wanted;
    for (const std::int64_t id : ids) wanted.keys.push_back(batch.keys.intern(encoded(id)));
    return BorrowedRows::collect({table_, files_}, batch, wanted, 1'000'000);
  }

 private:
  static std::shared_ptr<arrow::Array> array_of(const std::vector<std::int64_t>& ids) {
    arrow::Int64Builder builder;
    EXPECT_TRUE(builder.AppendValues(ids).ok());
    return builder.Finish().ValueOrDie();
  }

  std::string encoded(std::int64_t id) const { return codec_.encode({array_of({id})})->front(); }

  void write(const lake::LakePath& path, const std::vector<std::int64_t>& ids) {
    const auto schema = parquet::current_arrow_schema(*schema_);
    std::vector<std::shared_ptr<arrow::Array>> columns{array_of(ids)};
    for (int field = 1; field < schema->num_fields(); ++field) {
      columns.push_back(
          arrow::MakeArrayOfNull(schema->field(field)->type(), columns[0]->length()).ValueOrDie());
    }
    ASSERT_THAT(lake_.fs().make_folders(path.parent()), IsOk());
    const auto file = lake_.fs().create(path);
    ASSERT_THAT(file, IsOk());
    auto writer = parquet::ParquetWriter::open(**file, schema, {});
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT(writer->write(*arrow::Table::Make(schema, columns)), IsOk());
    ASSERT_THAT(std::move(*writer).finish({}), IsOk());
    ASSERT_THAT((*file)->sync_and_close(), IsOk());
  }

  testing::TempLake lake_;
  model::TableSchemaPtr schema_ = testing::small_schema({"s", "d", "public", "users"});
  CurrentFolder folder_{"public.users"};
  KeyCodec codec_ = *KeyCodec::make(*schema_);
  CurrentTable table_{lake_.fs(), folder_, *schema_, codec_, {}};
  std::vector<metadata::CurrentFile> files_;
};

TEST(BorrowedRowsTest, FindsRowsInWhicheverFileHoldsThem) {
  VersionUnderTest version;
  version.add_file({1, 2, 5});
  version.add_file({7, 9});
  const auto found = version.borrow({9, 2, 3});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ((*found)->row_of(0), 1) << "of 9";
  EXPECT_EQ((*found)->row_of(1), 0) << "of 2";
  EXPECT_EQ((*found)->row_of(2), std::nullopt) << "of 3";
}

TEST(BorrowedRowsTest, RefusesAFileWhoseKeysDoNotAscend) {
  VersionUnderTest version;
  version.add_file({1, 5, 2, 9});
  EXPECT_THAT(version.borrow({5}), FailsWith(ErrorKind::kCorrupt));
}

TEST(BorrowedRowsTest, RefusesAKeyThatTwoFilesHold) {
  VersionUnderTest version;
  version.add_file({1, 5});
  version.add_file({5, 9});
  EXPECT_THAT(version.borrow({5, 9}), FailsWith(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace cdclake::silver_current
