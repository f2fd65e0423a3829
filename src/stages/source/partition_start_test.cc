#include "stages/source/partition_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cdclake::source {
namespace {

using testing::HasSubstr;

const model::PartitionId kPartition{"shop.public.users", "id", 3};

using Decision = std::variant<PartitionStart, model::PartitionStop>;

Decision decide(std::optional<std::int64_t> position, PartitionEnds ends,
                OnDataLoss on_data_loss = OnDataLoss::kStop) {
  return decide_start(kPartition, position, ends, on_data_loss);
}

void expect_start(const Decision& decision, std::int64_t offset) {
  const auto* start = std::get_if<PartitionStart>(&decision);
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->offset, offset);
  EXPECT_FALSE(start->gap.has_value());
}

void expect_gap(const Decision& decision, model::OffsetRange range, const char* reason) {
  const auto* start = std::get_if<PartitionStart>(&decision);
  ASSERT_NE(start, nullptr);
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

TEST(PartitionStartTest, StopsAtExpiredRecordsUnlessToldToGoOn) {
  const auto decision = decide(3, {.low = 7, .stable_end = 9});
  const auto* stop = std::get_if<model::PartitionStop>(&decision);
  ASSERT_NE(stop, nullptr);
  EXPECT_EQ(stop->partition, kPartition);
  EXPECT_EQ(stop->range, (model::OffsetRange{3, 7}));
  EXPECT_EQ(stop->reason, "retention_loss");
  EXPECT_THAT(stop->message, HasSubstr("4 offsets [3, 7) expired"));
  EXPECT_THAT(stop->message, HasSubstr("CDCLAKE_ON_DATA_LOSS=continue"));
  EXPECT_THAT(stop->message, HasSubstr("partition=shop.public.users [3] position=3"));
  expect_gap(decide(3, {.low = 7, .stable_end = 9}, OnDataLoss::kContinue), {3, 7},
             "retention_loss");
}

TEST(PartitionStartTest, StopsAtAPositionPastTheEndWhateverIsSaid) {
  for (const auto on_data_loss : {OnDataLoss::kStop, OnDataLoss::kContinue}) {
    const auto decision = decide(12, {.low = 0, .stable_end = 9}, on_data_loss);
    const auto* stop = std::get_if<model::PartitionStop>(&decision);
    ASSERT_NE(stop, nullptr);
    EXPECT_EQ(stop->range, (model::OffsetRange{9, 12}));
    EXPECT_EQ(stop->reason, "truncated");
    EXPECT_THAT(stop->message, HasSubstr("fork=9"));
  }
}

TEST(PartitionStartTest, NamesWhatCannotBeRead) {
  EXPECT_THAT(too_large(kPartition, 5).message,
              HasSubstr("CDCLAKE_KAFKA_RECEIVE_MESSAGE_MAX_BYTES"));
  EXPECT_THAT(too_large(kPartition, 5).message,
              HasSubstr("partition=shop.public.users [3] offset=5"));
  EXPECT_THAT(damaged(kPartition, 6, "CRC").message, HasSubstr("offset=6"));
  EXPECT_THAT(truncated(kPartition, 7, std::nullopt).message, HasSubstr("position=7"));
}

}  // namespace
}  // namespace cdclake::source
