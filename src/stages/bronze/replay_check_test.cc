#include "stages/bronze/replay_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/matchers.h"

namespace cdclake::bronze {
namespace {

using testing::FailsSaying;
using testing::fake_records;
using testing::FakeBatch;
using testing::FakeRecord;
using testing::IsOk;

/// Three segments: offsets 0 to 9, 10 to 19 and 20 to 24.
void write_first(BronzeWorkbench& bench) {
  ASSERT_THAT(bench.write({FakeBatch{.records = fake_records(0, 25)}}, {.batch_rows_max = 10}),
              IsOk());
  bench.store.reopen();
}

TEST(ReplayCheckTest, ChangesNothingWhenTheSameIsReadAgain) {
  BronzeWorkbench bench;
  write_first(bench);
  const auto names = bench.names("");
  const auto report = bench.write({FakeBatch{.records = fake_records(0, 25)}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->records, 0);
  EXPECT_EQ(report->records_read_again, 25);
  EXPECT_EQ(bench.names(""), names);
}

TEST(ReplayCheckTest, StoresOnlyWhatIsNew) {
  BronzeWorkbench bench;
  write_first(bench);
  const auto report = bench.write({FakeBatch{.records = fake_records(0, 30)}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->records, 5);
  EXPECT_EQ(bench.records(), fake_records(0, 30));
}

TEST(ReplayCheckTest, ComparesRecordsWhereASegmentIsCut) {
  for (const auto& [first, count] : {std::pair{5, 3}, {5, 10}, {0, 9}, {12, 13}, {24, 1}}) {
    BronzeWorkbench bench;
    write_first(bench);
    EXPECT_THAT(bench.write({FakeBatch{.records = fake_records(first, count)}}), IsOk());
    EXPECT_EQ(bench.records(), fake_records(0, 25));
  }
}

TEST(ReplayCheckTest, NamesTheFirstOffsetThatDiffers) {
  for (const auto& [first, count] : {std::pair{0, 25}, {0, 30}, {10, 10}, {15, 4}, {17, 1}}) {
    BronzeWorkbench bench;
    write_first(bench);
    auto records = fake_records(first, count);
    for (FakeRecord& record : records) {
      if (record.offset >= 17) record.value = "other";
    }
    EXPECT_THAT(bench.write({FakeBatch{.records = records}}),
                FailsSaying(ErrorKind::kConflict, "topic=shop.public.users partition=0 offset=17"));
    EXPECT_EQ(bench.records(), fake_records(0, 25));
  }
}

TEST(ReplayCheckTest, SeesEveryPartOfARecord) {
  const FakeRecord base = fake_records(3, 1)[0];
  std::vector<FakeRecord> others(7, base);
  others[0].key = std::nullopt;
  others[1].key = "";
  others[2].value = std::nullopt;
  others[3].headers = {{"a", "1"}};
  others[4].timestamp_ms += 1;
  others[5].timestamp_type = model::TimestampType::kLogAppend;
  others[6].headers = {{"a", std::nullopt}};
  BronzeWorkbench bench;
  write_first(bench);
  for (const FakeRecord& other : others) {
    EXPECT_THAT(bench.write({FakeBatch{.records = {other}}}),
                FailsSaying(ErrorKind::kConflict, "offset=3"));
  }
}

TEST(ReplayCheckTest, AcceptsThatKafkaHasRemovedRecords) {
  BronzeWorkbench bench;
  write_first(bench);
  auto records = fake_records(0, 25);
  std::erase_if(records, [](const FakeRecord& record) { return record.offset % 3 != 0; });
  EXPECT_THAT(bench.write({FakeBatch{.records = records}}), IsOk());
}

TEST(ReplayCheckTest, RefusesARecordInAHole) {
  BronzeWorkbench bench;
  ASSERT_THAT(bench.write({FakeBatch{.records = {{.offset = 0}, {.offset = 5}}}}), IsOk());
  EXPECT_THAT(bench.write({FakeBatch{.records = {{.offset = 3}}}}),
              FailsSaying(ErrorKind::kConflict, "offset=3"));
}

TEST(ReplayCheckTest, RefusesARecordInAGap) {
  BronzeWorkbench bench;
  const model::PartitionId users{"shop.public.users", "recorded:1", 0};
  ASSERT_THAT(bench.write({FakeBatch{.records = {{.offset = 5}},
                                     .gaps = {{users, {0, 5}, "before_first_read"}}}}),
              IsOk());
  EXPECT_THAT(bench.write({FakeBatch{.records = {{.offset = 3}}}}),
              FailsSaying(ErrorKind::kConflict, "a lake does not go back"));
}

TEST(ReplayCheckTest, ComparesWithWhatTheSameProcessHasJustBuffered) {
  BronzeWorkbench bench;
  const auto report = bench.write(
      {FakeBatch{.records = fake_records(0, 10)}, FakeBatch{.records = fake_records(5, 10)}});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->records_read_again, 5);
  EXPECT_EQ(bench.records(), fake_records(0, 15));
}

TEST(ReplayCheckTest, ComparesPartitionsThatTakeTurns) {
  BronzeWorkbench bench;
  std::vector<FakeRecord> records;
  for (int i = 0; i < 20; ++i) records.push_back({.partition = i % 2, .offset = i / 2});
  ASSERT_THAT(bench.write({FakeBatch{.records = records}}), IsOk());
  EXPECT_THAT(bench.write({FakeBatch{.records = records}}), IsOk());
  records.back().value = "other";
  EXPECT_THAT(bench.write({FakeBatch{.records = records}}),
              FailsSaying(ErrorKind::kConflict, "partition=1 offset=9"));
}

TEST(ReplayCheckTest, ComparesWithCompactedFilesToo) {
  BronzeWorkbench bench;
  write_first(bench);
  ASSERT_THAT(bench.compact(), IsOk());
  EXPECT_THAT(bench.write({FakeBatch{.records = fake_records(0, 25)}}), IsOk());
  EXPECT_THAT(bench.write({FakeBatch{.records = fake_records(3, 4)}}), IsOk());
  auto other = fake_records(21, 1);
  other[0].value = "other";
  EXPECT_THAT(bench.write({FakeBatch{.records = other}}),
              FailsSaying(ErrorKind::kConflict, "offset=21"));
}

}  // namespace
}  // namespace cdclake::bronze
