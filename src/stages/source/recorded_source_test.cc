#include "stages/source/recorded_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cdclake::source {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const model::PartitionId kPartition{"t", "recorded:1", 0};

class TempFolder {
 public:
  TempFolder() {
    std::string name = testing::TempDir() + "recorded_source_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  /// A new file with a record at each of `offsets`.
  std::string file(const std::vector<int>& offsets, int partition = 0) {
    std::string path = path_ + "/" + std::to_string(++count_) + ".jsonl";
    std::ofstream out(path);
    for (const int offset : offsets) {
      out << R"({"topic":"t","partition":)" << partition << R"(,"offset":)" << offset
          << R"(,"key":null,"payload":"v"})" << "\n";
    }
    return path;
  }

 private:
  std::string path_;
  int count_ = 0;
};

/// All that a source gives until its end, copied.
struct Reading {
  std::vector<std::int64_t> offsets;
  std::vector<model::Gap> gaps;
  std::vector<std::int64_t> positions;  ///< As reported, one batch after the other.
};

Reading read_all(RecordedSource& source) {
  Reading reading;
  for (bool at_end = false; !at_end;) {
    const auto batch = source.poll(milliseconds(0));
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch) break;
    for (const auto& record : batch->records) reading.offsets.push_back(record.offset);
    for (const auto& position : batch->positions) reading.positions.push_back(position.next_offset);
    reading.gaps.insert(reading.gaps.end(), batch->gaps.begin(), batch->gaps.end());
    at_end = batch->at_end;
  }
  return reading;
}

Reading read_files(const std::vector<std::string>& files,
                   const std::vector<model::Position>& positions = {}) {
  RecordedSource source({.files = files});
  EXPECT_TRUE(source.open(positions).has_value());
  return read_all(source);
}

void expect_gap(const Reading& reading, model::OffsetRange range, const std::string& reason) {
  ASSERT_EQ(reading.gaps.size(), 1U);
  EXPECT_EQ(reading.gaps[0].partition, kPartition);
  EXPECT_EQ(reading.gaps[0].range, range);
  EXPECT_EQ(reading.gaps[0].reason, reason);
}

TEST(RecordedSourceTest, ReadsFilesInOrderToTheEndOfTheLast) {
  TempFolder folder;
  const Reading reading = read_files({folder.file({0, 1}), folder.file({}), folder.file({2, 3})});
  EXPECT_THAT(reading.offsets, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(reading.positions, ElementsAre(2, 4));
  EXPECT_THAT(reading.gaps, IsEmpty());
}

TEST(RecordedSourceTest, StaysAtTheEnd) {
  TempFolder folder;
  RecordedSource source({.files = {folder.file({0})}});
  ASSERT_TRUE(source.open({}).has_value());
  read_all(source);
  for (int i = 0; i < 2; ++i) {
    const auto batch = source.poll(milliseconds(0));
    ASSERT_TRUE(batch.has_value());
    EXPECT_TRUE(batch->at_end);
    EXPECT_THAT(batch->records, IsEmpty());
  }
}

TEST(RecordedSourceTest, GivesRecordsBelowThePositionAgainWithoutGoingBack) {
  TempFolder folder;
  const Reading reading = read_files({folder.file({0, 1})}, {{kPartition, 5}});
  EXPECT_THAT(reading.offsets, ElementsAre(0, 1));
  EXPECT_THAT(reading.positions, ElementsAre(5));
  EXPECT_THAT(reading.gaps, IsEmpty());
}

TEST(RecordedSourceTest, GivesWhatFilesRepeatAgain) {
  TempFolder folder;
  const Reading reading = read_files({folder.file({0, 1, 2}), folder.file({1, 2, 3})});
  EXPECT_THAT(reading.offsets, ElementsAre(0, 1, 2, 1, 2, 3));
  EXPECT_THAT(reading.positions, ElementsAre(3, 4));
  EXPECT_THAT(reading.gaps, IsEmpty());
}

TEST(RecordedSourceTest, ReportsWhatLiesBeforeTheFirstRead) {
  TempFolder folder;
  expect_gap(read_files({folder.file({7, 8})}), {0, 7}, "before_first_read");
}

TEST(RecordedSourceTest, ReportsAGapPastThePosition) {
  TempFolder folder;
  expect_gap(read_files({folder.file({7, 8})}, {{kPartition, 3}}), {3, 7}, "recorded_gap");
}

TEST(RecordedSourceTest, ReportsAGapBetweenTwoFiles) {
  TempFolder folder;
  expect_gap(read_files({folder.file({0, 1}), folder.file({4})}), {2, 4}, "recorded_gap");
}

TEST(RecordedSourceTest, AJumpInsideAFileIsNoGap) {
  TempFolder folder;
  const Reading reading = read_files({folder.file({0, 5, 9})});
  EXPECT_THAT(reading.offsets, ElementsAre(0, 5, 9));
  EXPECT_THAT(reading.positions, ElementsAre(10));
  EXPECT_THAT(reading.gaps, IsEmpty());
}

TEST(RecordedSourceTest, PositionsOfAnotherIncarnationSayNothing) {
  TempFolder folder;
  RecordedSource source({.files = {folder.file({2})}, .incarnation_name = "again"});
  ASSERT_TRUE(source.open({{kPartition, 2}}).has_value());
  const auto batch = source.poll(milliseconds(0));
  ASSERT_TRUE(batch.has_value());
  ASSERT_EQ(batch->gaps.size(), 1U);
  EXPECT_EQ(batch->gaps[0].reason, "before_first_read");
  EXPECT_EQ(batch->records[0].partition->incarnation, "recorded:again");
}

TEST(RecordedSourceTest, ReportsEachPartitionOfABatchOnce) {
  TempFolder folder;
  RecordedSource source(
      {.files = {folder.file({0, 1, 2}, 0), folder.file({0, 1}, 1)}, .batch_records_max = 2});
  ASSERT_TRUE(source.open({}).has_value());
  EXPECT_THAT(read_all(source).positions, ElementsAre(2, 3, 2));
}

TEST(RecordedSourceTest, NamesAMissingFileBeforeItReadsAny) {
  TempFolder folder;
  RecordedSource source({.files = {folder.file({0}), "/nonexistent/b.jsonl"}});
  const Status status = source.open({});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_THAT(status.error().message, HasSubstr("input=/nonexistent/b.jsonl"));
}

TEST(RecordedSourceTest, AcknowledgingIsNoError) {
  RecordedSource source({.files = {"-"}});
  EXPECT_TRUE(source.acknowledge({}).has_value());
}

TEST(RecordedSourceConfigTest, RefusesWhatCannotWork) {
  EXPECT_TRUE((RecordedSourceConfig{.files = {"a", "-", "b"}}.validate().has_value()));
  EXPECT_FALSE(RecordedSourceConfig{}.validate().has_value());
  EXPECT_FALSE((RecordedSourceConfig{.files = {"-", "-"}}.validate().has_value()));
  for (const char* name : {"", "a:b", "a/b", "a b"}) {
    const RecordedSourceConfig config{.files = {"a"}, .incarnation_name = name};
    EXPECT_FALSE(config.validate().has_value()) << name;
  }
}

}  // namespace
}  // namespace cdclake::source
