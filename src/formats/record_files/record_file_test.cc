#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/parquet_writer.h"
#include "formats/record_files/record_file_reader.h"
#include "formats/record_files/record_file_writer.h"
#include "testing/fake_record.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::record_files {
namespace {

using testing::FailsSaying;
using testing::FailsWith;
using testing::FakeRecord;
using testing::IsOk;
using testing::RawRecords;
using testing::TempLake;

const lake::LakePath kPath{lake::Root::kBronze, "records"};
const model::PartitionId kUsers{"shop.public.users", "recorded:1", 0};

/// Writes the records and closes the file.
void write(TempLake& lake, const std::vector<FakeRecord>& records,
           const std::map<std::string, std::string>& footer = {}) {
  auto file = lake.fs().create(kPath);
  ASSERT_THAT(file, IsOk());
  auto writer = RecordFileWriter::open(**file);
  ASSERT_THAT(writer, IsOk());
  RawRecords raw;
  for (const FakeRecord& record : records) ASSERT_THAT(writer->append(raw.add(record), 7), IsOk());
  EXPECT_EQ(std::move(*writer).finish(footer), static_cast<std::int64_t>(records.size()));
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
}

Result<std::vector<FakeRecord>> read(TempLake& lake,
                                     const std::vector<model::PartitionId>& partitions = {kUsers}) {
  CDCLAKE_ASSIGN_OR_RETURN(auto reader, RecordFileReader::open(lake.fs(), kPath, partitions));
  std::vector<FakeRecord> records;
  for (;;) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto batch, reader.next());
    if (batch.empty()) return records;
    for (const model::RawRecord& record : batch) records.push_back(testing::copy_of(record));
  }
}

TEST(RecordFileTest, GivesBackEveryByte) {
  TempLake lake;
  const std::string every_byte = [] {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    return bytes;
  }();
  const std::vector<FakeRecord> records = {
      {.offset = 0, .key = std::nullopt, .value = std::nullopt},
      {.offset = 1, .key = "", .value = ""},
      {.offset = 2, .key = every_byte, .value = every_byte},
      {.offset = 3,
       .headers = {{"a", "1"}, {"a", std::nullopt}, {"", ""}, {every_byte, every_byte}}},
      {.offset = 4, .timestamp_ms = -1, .timestamp_type = model::TimestampType::kNone},
      {.offset = 5, .timestamp_ms = 0, .timestamp_type = model::TimestampType::kLogAppend},
      {.offset = 6, .timestamp_ms = std::numeric_limits<std::int64_t>::min()},
      {.offset = std::numeric_limits<std::int64_t>::max() - 1},
  };
  write(lake, records);
  EXPECT_EQ(read(lake), records);
}

TEST(RecordFileTest, KeepsTheOrderOfPartitionsThatTakeTurns) {
  TempLake lake;
  std::vector<FakeRecord> records;
  for (int i = 0; i < 10'000; ++i) records.push_back({.partition = i % 3, .offset = i / 3});
  write(lake, records);
  EXPECT_EQ(read(lake, {{"shop.public.users", "recorded:1", 0},
                        {"shop.public.users", "recorded:1", 1},
                        {"shop.public.users", "recorded:1", 2}}),
            records);
}

TEST(RecordFileTest, GivesNoMoreAtOnceThanARowGroupHolds) {
  constexpr std::size_t kValueBytes = 8'000'000;
  TempLake lake;
  std::vector<FakeRecord> records = testing::fake_records(0, 12);
  for (FakeRecord& record : records) record.value = std::string(kValueBytes, 'x');
  write(lake, records);
  const std::vector<model::PartitionId> partitions{kUsers};
  auto reader = RecordFileReader::open(lake.fs(), kPath, partitions);
  ASSERT_THAT(reader, IsOk());
  std::size_t count = 0;
  for (;;) {
    const auto batch = reader->next();
    ASSERT_THAT(batch, IsOk());
    if (batch->empty()) break;
    EXPECT_LE(batch->size() * kValueBytes, parquet::ParquetLayout{}.group_bytes_max + kValueBytes);
    count += batch->size();
  }
  EXPECT_EQ(count, records.size());
}

TEST(RecordFileTest, StoresAValueOf50Megabytes) {
  TempLake lake;
  std::vector<FakeRecord> records = testing::fake_records(0, 3);
  records[1].value = std::string(50'000'000, 'x');
  write(lake, records);
  EXPECT_EQ(read(lake), records);
}

TEST(RecordFileTest, BoundsWhatItKeepsInMemory) {
  TempLake lake;
  auto file = lake.fs().create(kPath);
  auto writer = RecordFileWriter::open(**file);
  RawRecords raw;
  const auto& record = raw.add({.value = std::string(1'000'000, 'x')});
  std::int64_t buffered_max = 0;
  for (int i = 0; i < 300; ++i) {
    ASSERT_THAT(writer->append(record, 0), IsOk());
    buffered_max = std::max(buffered_max, writer->buffered_bytes());
  }
  ASSERT_THAT(std::move(*writer).finish({}), IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
  EXPECT_LT(buffered_max, 80'000'000);
  auto reader = parquet::ParquetReader::open(lake.fs(), kPath);
  EXPECT_GE(reader->group_count(), 4);
}

TEST(RecordFileTest, KeepsWhatTheFooterIsGiven) {
  TempLake lake;
  write(lake, testing::fake_records(0, 1), {{"cdclake.run", "abc"}, {"cdclake.segments", "[]"}});
  auto reader = parquet::ParquetReader::open(lake.fs(), kPath);
  ASSERT_THAT(reader, IsOk());
  const std::map<std::string, std::string> footer = {{"cdclake.run", "abc"},
                                                     {"cdclake.segments", "[]"}};
  EXPECT_EQ(reader->footer(), footer);
}

TEST(RecordFileTest, RefusesARecordOfAPartitionThatTheFileMustNotHold) {
  TempLake lake;
  write(lake, {{.partition = 5}});
  EXPECT_THAT(read(lake), FailsSaying(ErrorKind::kCorrupt, "partition=5"));
}

TEST(RecordFileTest, RefusesTwoLivesOfOnePartition) {
  TempLake lake;
  write(lake, {{.offset = 1}});
  EXPECT_THAT(read(lake, {kUsers, {"shop.public.users", "recorded:2", 0}}),
              FailsSaying(ErrorKind::kCorrupt, "two lives"));
}

TEST(RecordFileTest, NamesAFileThatIsMissing) {
  TempLake lake;
  EXPECT_THAT(read(lake), FailsSaying(ErrorKind::kUnavailable, "records"));
}

/// Flips one bit of the file.
void damage(const std::string& path, std::int64_t offset) {
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::fseek(file, offset, SEEK_SET);
  const int byte = std::fgetc(file);
  std::fseek(file, offset, SEEK_SET);
  std::fputc(byte ^ 0x10, file);
  std::fclose(file);
}

TEST(RecordFileTest, NoticesAFlippedBit) {
  for (const int percent : {0, 20, 40, 60, 80, 95}) {
    TempLake lake;
    const auto records = testing::fake_records(0, 5'000);
    write(lake, records);
    const std::string path = lake.fs().absolute(kPath);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
    damage(path, 4 + size * percent / 100);
    const auto result = read(lake);
    // A bit of an index or of a statistic may not matter; what is given back is never wrong.
    if (result) {
      EXPECT_EQ(*result, records) << percent;
    } else {
      EXPECT_THAT(result, FailsSaying(ErrorKind::kCorrupt, "records")) << percent;
    }
  }
}

TEST(RecordFileTest, CallsATruncatedFileCorrupt) {
  TempLake lake;
  write(lake, testing::fake_records(0, 5'000));
  const std::string path = lake.fs().absolute(kPath);
  for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{7}, std::uintmax_t{5'000}}) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::filesystem::resize_file(path, size);
    EXPECT_THAT(read(lake), FailsWith(ErrorKind::kCorrupt)) << size;
  }
}

}  // namespace
}  // namespace cdclake::record_files
