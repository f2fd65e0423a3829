#include "platform/memory/spare_memory.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/matchers.h"

namespace cdclake::memory {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr std::int64_t kMiB = 1 << 20;

TEST(SpareMemoryTest, LendsWhatThereIsAndTakesItBack) {
  SpareMemory spare(10 * kMiB);
  {
    const auto loan = spare.borrow(10 * kMiB, "a message", {});
    ASSERT_THAT(loan, IsOk());
    EXPECT_TRUE(*loan);
  }
  EXPECT_THAT(spare.borrow(10 * kMiB, "a message", {}), IsOk());
}

TEST(SpareMemoryTest, NamesTheSettingWhereThereIsNotSoMuch) {
  SpareMemory spare(10 * kMiB);
  const auto loan = spare.borrow(11 * kMiB, "a message of topic t", {});
  ASSERT_THAT(loan, FailsWith(ErrorKind::kInvalidConfig));
  EXPECT_EQ(loan.error().message,
            "cannot work on a message of topic t: it needs 11 MiB more than a stage has, and 10 "
            "MiB are there for that: raise CDCLAKE_MEMORY_LIMIT");
}

TEST(SpareMemoryTest, NeedsNoMemoryForNothing) {
  SpareMemory spare(0);
  const auto loan = spare.borrow(-5, "a message", {});
  ASSERT_THAT(loan, IsOk());
  EXPECT_FALSE(*loan);
}

TEST(SpareMemoryTest, ServesThoseWhoWaitInTheirOrder) {
  SpareMemory spare(10 * kMiB);
  auto held = spare.borrow(6 * kMiB, "first", {});
  ASSERT_THAT(held, IsOk());
  std::stop_source stop;
  std::jthread large([&] {
    EXPECT_THAT(spare.borrow(10 * kMiB, "second", stop.get_token()),
                FailsWith(ErrorKind::kCancelled));
  });
  // What would fit now waits behind it, until it gives up.
  Result<SpareMemory::Loan> small;
  std::jthread later([&] { small = spare.borrow(4 * kMiB, "third", {}); });
  stop.request_stop();
  large.join();
  later.join();
  EXPECT_THAT(small, IsOk());
}

}  // namespace
}  // namespace cdclake::memory
