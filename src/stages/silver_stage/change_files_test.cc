#include "stages/silver_stage/change_files.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "stages/silver_stage/stage_workbench.h"

namespace cdclake::silver_stage {
namespace {

using testing::FakeRecord;

std::int64_t day_of(std::optional<std::int64_t> commit_ts_us, std::int64_t timestamp_ms = -1) {
  model::ChangeRow row;
  row.commit_ts_us = commit_ts_us;
  model::RawRecord record;
  record.timestamp_ms = timestamp_ms;
  record.timestamp_type =
      timestamp_ms == -1 ? model::TimestampType::kNone : model::TimestampType::kCreate;
  return event_day(row, record);
}

TEST(EventDayTest, IsTheCommitsElseTheRecordsElseTheFirst) {
  constexpr std::int64_t kDayMs = 86'400'000;
  EXPECT_EQ(day_of(kDayMs * 1000 * 3 - 1, kDayMs * 9), 2);
  EXPECT_EQ(day_of(std::nullopt, kDayMs * 9), 9);
  EXPECT_EQ(day_of(std::nullopt), 0);
  EXPECT_EQ(day_of(-1), -1);
}

TEST(EventDayTest, StaysWithinTheClockForEveryNumber) {
  for (const std::int64_t extreme :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    for (const std::int64_t day : {day_of(extreme), day_of(std::nullopt, extreme)}) {
      EXPECT_LT(std::abs(day), 106'751'992);
    }
  }
}

std::vector<FakeRecord> one_change_a_day(int days) {
  std::vector<FakeRecord> records;
  for (int i = 0; i < 2 * days; ++i) {
    const std::int64_t commit_ms = (1 + i % days) * std::int64_t{86'400'000};
    records.push_back({.offset = i, .value = json_of({.commit_ms = commit_ms})});
  }
  return records;
}

TEST(ChangeFilesTest, MakesOneFileADateHoweverTheDatesTakeTurns) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land(one_change_a_day(5));
  bench.stage();
  EXPECT_EQ(bench.silver_files("stage_events").size(), 5U);
  EXPECT_EQ(bench.rows("public.users").size(), 10U);
}

TEST(ChangeFilesTest, BoundsHowManyFilesGatherRowsAtOnce) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.use_limits({.open_files_max = 3});
  bench.land(one_change_a_day(5));
  bench.stage();
  EXPECT_GT(bench.silver_files("stage_events").size(), 5U);
  std::set<std::string> offsets;
  for (const RowText& row : bench.rows("public.users")) offsets.insert(row.at("_offset"));
  EXPECT_EQ(offsets.size(), 10U);
  bench.expect_all_counted();
}

}  // namespace
}  // namespace cdclake::silver_stage
