#include "platform/memory/allowance.h"

#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace cdclake::memory {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr std::int64_t kMiB = 1 << 20;

TEST(AllowanceTest, BorrowsOnlyWhatPassesTheShare) {
  SpareMemory spare(10 * kMiB);
  Allowance stage(5 * kMiB, &spare);
  EXPECT_THAT(stage.cover(5 * kMiB, "a message", {}), IsOk());
  EXPECT_FALSE(stage.has_borrowed());
  EXPECT_THAT(stage.cover(15 * kMiB, "a message", {}), IsOk());
  EXPECT_TRUE(stage.has_borrowed());
  EXPECT_THAT(stage.cover(16 * kMiB, "a message", {}), FailsWith(ErrorKind::kInvalidConfig));
}

TEST(AllowanceTest, GivesBackBeforeItAsksForMore) {
  SpareMemory spare(10 * kMiB);
  Allowance stage(5 * kMiB, &spare);
  EXPECT_THAT(stage.cover(12 * kMiB, "a message", {}), IsOk());
  EXPECT_THAT(stage.cover(15 * kMiB, "a larger one", {}), IsOk());
  stage.settle();
  Allowance other(0, &spare);
  EXPECT_THAT(other.cover(10 * kMiB, "a message", {}), IsOk());
}

TEST(AllowanceTest, HasNoBoundWithoutSpareMemory) {
  Allowance stage(1, nullptr);
  EXPECT_THAT(stage.cover(std::int64_t{1} << 50, "a message", {}), IsOk());
}

}  // namespace
}  // namespace cdclake::memory
