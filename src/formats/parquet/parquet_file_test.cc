#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/chunked_array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/parquet_writer.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::parquet {
namespace {

using testing::FailsSaying;
using testing::IsOk;
using testing::TempLake;

const lake::LakePath kPath{lake::Root::kSilver, "table"};

std::shared_ptr<arrow::Array> integers(std::int64_t first, std::int64_t count) {
  arrow::Int64Builder builder;
  for (std::int64_t i = first; i < first + count; ++i) EXPECT_TRUE(builder.Append(i).ok());
  return *builder.Finish();
}

std::shared_ptr<arrow::RecordBatch> batch_of(std::int64_t first, std::int64_t count) {
  auto schema =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("b", arrow::int64())});
  return arrow::RecordBatch::Make(schema, count, {integers(first, count), integers(-first, count)});
}

void write(TempLake& lake, const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
           const ParquetLayout& layout) {
  auto file = lake.fs().create(kPath);
  ASSERT_THAT(file, IsOk());
  auto writer = ParquetWriter::open(**file, batches.front()->schema(), layout);
  ASSERT_THAT(writer, IsOk());
  for (const auto& batch : batches) ASSERT_THAT(writer->write(*batch), IsOk());
  ASSERT_THAT(std::move(*writer).finish({}), IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
}

TEST(ParquetFileTest, EndsRowGroupsByRows) {
  TempLake lake;
  ParquetLayout layout;
  layout.group_rows_max = 1'000;
  write(lake, {batch_of(0, 700), batch_of(700, 1'600)}, layout);
  auto reader = ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(reader->row_count(), 2'300);
  ASSERT_EQ(reader->group_count(), 3);
  auto table = reader->read_group(2);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ((*table)->num_rows(), 300);
}

TEST(ParquetFileTest, EndsRowGroupsByBytes) {
  TempLake lake;
  ParquetLayout layout;
  layout.group_bytes_max = 16'000;  // A thousand rows of two integers.
  write(lake, {batch_of(0, 3'500)}, layout);
  auto reader = ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(reader->group_count(), 4);
}

TEST(ParquetFileTest, GivesColumnsInTheOrderAskedFor) {
  TempLake lake;
  write(lake, {batch_of(1, 3)}, {});
  auto reader = ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  auto table = reader->read({"b", "a"});
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ((*table)->schema()->field_names(), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE((*table)->column(1)->Equals(arrow::ChunkedArray(integers(1, 3))));
  EXPECT_THAT(reader->read({"c"}), FailsSaying(ErrorKind::kCorrupt, "c"));
}

TEST(ParquetFileTest, EncodesColumnsAsTheLayoutSays) {
  TempLake lake;
  ParquetLayout plain;
  write(lake, {batch_of(0, 100'000)}, plain);
  const auto plain_bytes = lake.fs().stat(kPath)->size;
  ASSERT_THAT(lake.fs().remove_file(kPath), IsOk());
  ParquetLayout delta;
  delta.delta_columns = {"a", "b"};
  write(lake, {batch_of(0, 100'000)}, delta);
  EXPECT_LT(lake.fs().stat(kPath)->size * 10, plain_bytes);
}

TEST(ParquetFileTest, GivesBackUuidsAsPlainBytes) {
  TempLake lake;
  const auto type = arrow::fixed_size_binary(16);
  arrow::FixedSizeBinaryBuilder builder(type);
  ASSERT_TRUE(builder.Append("0123456789abcdef").ok());
  ASSERT_TRUE(builder.AppendNull().ok());
  const auto array = *builder.Finish();
  write(lake, {arrow::RecordBatch::Make(arrow::schema({arrow::field("u", type)}), 2, {array})}, {});
  auto reader = ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  EXPECT_TRUE(reader->schema()->field(0)->type()->Equals(type));
  auto table = reader->read();
  ASSERT_THAT(table, IsOk());
  EXPECT_TRUE((*table)->column(0)->Equals(arrow::ChunkedArray(array)));
}

template <typename Append>
std::shared_ptr<arrow::Array> built(const std::shared_ptr<arrow::DataType>& type, Append append) {
  auto builder = *arrow::MakeBuilder(type);
  EXPECT_TRUE(append(*builder).ok());
  return *builder->Finish();
}

TEST(ParquetFileTest, KeepsColumnsApartWhoseLeavesShareAPath) {
  const auto list = arrow::list(arrow::utf8());
  const auto structure = arrow::struct_({arrow::field("k", arrow::utf8())});
  const auto lists = built(list, [](arrow::ArrayBuilder& builder) {
    auto& items = static_cast<arrow::ListBuilder&>(builder);
    ARROW_RETURN_NOT_OK(items.Append());
    return static_cast<arrow::StringBuilder&>(*items.value_builder()).Append("text");
  });
  const auto structures = built(structure, [](arrow::ArrayBuilder& builder) {
    auto& fields = static_cast<arrow::StructBuilder&>(builder);
    ARROW_RETURN_NOT_OK(fields.Append());
    return static_cast<arrow::StringBuilder&>(*fields.field_builder(0)).Append("key");
  });
  const auto schema = arrow::schema(
      {arrow::field("x", list), arrow::field("x.list.element", arrow::int64()),
       arrow::field("_moved_from", structure), arrow::field("_moved_from.k", arrow::int64())});
  const auto batch =
      arrow::RecordBatch::Make(schema, 1, {lists, integers(1, 1), structures, integers(2, 1)});
  ParquetLayout layout;
  layout.delta_columns = {"x.list.element", "_moved_from.k"};
  TempLake lake;
  write(lake, {batch}, layout);
  auto reader = ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  auto table = reader->read();
  ASSERT_THAT(table, IsOk());
  for (int column = 0; column < batch->num_columns(); ++column) {
    const auto& ours = *(*table)->column(column);
    EXPECT_TRUE(ours.Equals(arrow::ChunkedArray(batch->column(column)))) << ours.ToString();
  }
}

/// A lake file whose disk is full after some bytes.
class FullFile final : public lake::FileWriter {
 public:
  explicit FullFile(std::int64_t room) : room_(room) {}
  Status append(std::string_view bytes) override {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ <= room_) return {};
    return fail(ErrorKind::kUnavailable, "cannot write: no space left on device");
  }
  Status sync_and_close() override { return {}; }
  std::int64_t size() const override { return size_; }
  Hash128 content_hash() const override { return {}; }

 private:
  std::int64_t room_;
  std::int64_t size_ = 0;
};

TEST(ParquetFileTest, PassesOnAnErrorOfTheLakeUnchanged) {
  for (const std::int64_t room : {0, 4, 5'000}) {
    FullFile file(room);
    const auto status = [&]() -> Status {
      auto batch = batch_of(0, 100'000);
      CDCLAKE_ASSIGN_OR_RETURN(auto writer, ParquetWriter::open(file, batch->schema(), {}));
      CDCLAKE_RETURN_IF_ERROR(writer.write(*batch));
      return as_result(std::move(writer).finish({})).map([](auto) {});
    }();
    ASSERT_FALSE(status.has_value()) << room;
    EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(status.error().message, "cannot write: no space left on device");
  }
}

}  // namespace
}  // namespace cdclake::parquet
