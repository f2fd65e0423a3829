#include "stages/source/pinned_ends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cdclake::source {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

const model::PartitionId kPartition{"t", "1", 3};
constexpr MonotonicTime kStart{};

TEST(PinnedEndsTest, WarnsOnceOfATransactionThatStaysOpenAndSaysWhenItIsOver) {
  PinnedEnds pins(seconds(60));
  EXPECT_EQ(pins.note(kPartition, {0, 7, 9}, kStart), std::nullopt);
  EXPECT_EQ(pins.note(kPartition, {0, 7, 9}, kStart + seconds(30)), std::nullopt);
  EXPECT_THAT(pins.note(kPartition, {0, 7, 12}, kStart + seconds(60)),
              Optional(AllOf(HasSubstr("partition=t [3] offset=7"), HasSubstr("60 s"))));
  EXPECT_EQ(pins.note(kPartition, {0, 7, 12}, kStart + seconds(90)), std::nullopt);
  EXPECT_THAT(pins.note(kPartition, {0, 13, 13}, kStart + seconds(120)),
              Optional(AllOf(HasSubstr("has ended"), HasSubstr("120 s"))));
  EXPECT_EQ(pins.note(kPartition, {0, 13, 13}, kStart + seconds(150)), std::nullopt);
}

TEST(PinnedEndsTest, SaysNothingOfABusyPartition) {
  PinnedEnds pins(seconds(60));
  for (int look = 0; look < 10; ++look) {
    EXPECT_EQ(pins.note(kPartition, {0, 10 * look, 10 * look + 5}, kStart + look * seconds(30)),
              std::nullopt);
  }
}

}  // namespace
}  // namespace cdclake::source
