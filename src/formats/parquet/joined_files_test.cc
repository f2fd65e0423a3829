#include "formats/parquet/joined_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "formats/parquet/change_file_writer.h"
#include "formats/parquet/parquet_reader.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::parquet {
namespace {

using model::Cell;
using model::TypeKind;
using testing::FailsWith;
using testing::IsOk;
using testing::TempLake;

const lake::LakePath kJoined{lake::Root::kSilver, "joined"};
const model::PartitionId kPartition{"shop.public.users", "recorded:1", 3};

/// Small stage files of one table, and what becomes of them.
class SmallFiles {
 public:
  void add(std::int64_t id, double weight) {
    Cell key;
    key.state = model::CellState::kValue;
    key.integer = id;
    Cell number;
    number.state = model::CellState::kValue;
    number.real = weight;
    const std::vector<Cell> cells = {key, number, Cell{}};
    ChangeFileWriter writer(schema_);
    model::ChangeRow row;
    row.schema = schema_;
    row.cells = cells;
    model::RawRecord record;
    record.partition = &kPartition;
    record.offset = id;
    ASSERT_THAT(writer.append(row, record, 0), IsOk());
    paths.push_back({lake::Root::kSilver, "part" + std::to_string(id)});
    const auto file = lake.fs().create(paths.back());
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT(writer.write(**file, {}), IsOk());
    ASSERT_THAT((*file)->sync_and_close(), IsOk());
  }

  Result<std::int64_t> join() {
    CDCLAKE_ASSIGN_OR_RETURN(const auto file, lake.fs().create(kJoined));
    CDCLAKE_ASSIGN_OR_RETURN(const auto rows, join_stage_files(parts(), *file, {{"a", "b"}}));
    CDCLAKE_RETURN_IF_ERROR(file->sync_and_close());
    return rows;
  }
  Status prove() { return prove_joined(parts(), kJoined); }
  StageParts parts() { return {lake.fs(), paths, *schema_, stop.get_token()}; }

  TempLake lake;
  std::vector<lake::LakePath> paths;
  std::stop_source stop;

 private:
  model::TableSchemaPtr schema_ =
      model::make_table_schema({"shop", "db", "public", "users"},
                               {{"id", {.kind = TypeKind::kInt64}},
                                {"weight", {.kind = TypeKind::kFloat64}},
                                {"uuid", {.kind = TypeKind::kUuid}}},
                               {0});
};

TEST(JoinedFilesTest, HoldsTheRowsOfAllInTheirOrder) {
  SmallFiles files;
  for (const double weight : {1.5, std::nan(""), -0.0}) {
    files.add(std::ssize(files.paths), weight);
  }
  ASSERT_EQ(files.join(), 3);
  EXPECT_THAT(files.prove(), IsOk());
  const auto reader = ParquetReader::open(files.lake.fs(), kJoined);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(reader->row_count(), 3);
  EXPECT_EQ(reader->footer().at("a"), "b");
}

TEST(JoinedFilesTest, IsNotProvedByOtherRows) {
  SmallFiles files;
  files.add(0, 0.0);
  files.add(1, 1);
  ASSERT_THAT(files.join(), IsOk());
  std::swap(files.paths[0], files.paths[1]);
  EXPECT_THAT(files.prove(), FailsWith(ErrorKind::kCorrupt)) << "another order";
  files.paths.pop_back();
  EXPECT_THAT(files.prove(), FailsWith(ErrorKind::kCorrupt)) << "one row too many";
  files.add(0 + 2, -0.0);
  files.paths = {files.paths.back()};
  EXPECT_THAT(files.prove(), FailsWith(ErrorKind::kCorrupt)) << "other cells";
}

TEST(JoinedFilesTest, EndsSoonWhereAStopIsAskedFor) {
  SmallFiles files;
  files.add(0, 1);
  files.stop.request_stop();
  EXPECT_THAT(files.join(), FailsWith(ErrorKind::kCancelled));
}

}  // namespace
}  // namespace cdclake::parquet
