#include "stages/source/partition_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cdclake::source {
namespace {

using testing::HasSubstr;

const model::PartitionId kPartition{"shop.public.users", "id", 3};

Result<PartitionStart> decide(std::optional<std::int64_t> position, PartitionEnds ends,
                              OnDataLoss on_data_loss = OnDataLoss::kStop) {
  return decide_start(kPartition, position, ends, on_data_loss);
}

void expect_start(const Result<PartitionStart>& start, std::int64_t offset) {
  ASSERT_TRUE(start.has_value()) << start.error().message;
  EXPECT_EQ(start->offset, offset);
  EXPECT_FALSE(start->gap.has_value());
}

void expect_gap(const Result<PartitionStart>& start, model::OffsetRange range, const char* reason) {
  ASSERT_TRUE(start.has_value()) << start.error().message;
  EXPECT_EQ(start->offset, range.next);
  ASSERT_TRUE(start->gap.has_value());
  EXPECT_EQ(start->gap->partition, kPartition);
  EXPECT_EQ(start->gap->range, range);
  EXPECT_EQ(start->gap->reason, reason);
}

TEST(PartitionStartTest, GoesOnWhereThePositionIs) {
  expect_start(decide(5, {.low = 0, .stable_end = 9}), 5);
  expect_start(decide(5, {.low = 5, .stable_end = 5}), 5);
}

TEST(PartitionStartTest, StartsAPartitionThatWasNeverReadAtItsFirstOffset) {
  expect_start(decide({}, {.low = 0, .stable_end = 9}), 0);
  expect_start(decide({}, {.low = 0, .stable_end = 0}), 0);
}

TEST(PartitionStartTest, ReportsWhatExpiredBeforeTheFirstRead) {
  expect_gap(decide({}, {.low = 4, .stable_end = 9}), {0, 4}, "before_first_read");
}

TEST(PartitionStartTest, RefusesExpiredRecordsUnlessToldToGoOn) {
  const auto refused = decide(3, {.low = 7, .stable_end = 9});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_THAT(refused.error().message, HasSubstr("4 offsets expired"));
  EXPECT_THAT(refused.error().message, HasSubstr("CDCLAKE_ON_DATA_LOSS=continue"));
  EXPECT_THAT(refused.error().message, HasSubstr("shop.public.users [3]"));
  expect_gap(decide(3, {.low = 7, .stable_end = 9}, OnDataLoss::kContinue), {3, 7}, "retention");
}

TEST(PartitionStartTest, RefusesAPositionPastTheEndWhateverIsSaid) {
  for (const auto on_data_loss : {OnDataLoss::kStop, OnDataLoss::kContinue}) {
    const auto refused = decide(10, {.low = 0, .stable_end = 9}, on_data_loss);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
    EXPECT_THAT(refused.error().message, HasSubstr("deleted and made again"));
  }
}

}  // namespace
}  // namespace cdclake::source
