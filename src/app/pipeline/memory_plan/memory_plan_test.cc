#include "app/pipeline/memory_plan/memory_plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "testing/matchers.h"

namespace cdclake::pipeline {
namespace {

using metadata::Role;
using testing::IsOk;

constexpr std::int64_t kMiB = 1 << 20;
const std::set<Role> kAll = {Role::kBronzeWrite, Role::kBronzeCompact, Role::kSilverStage,
                             Role::kSilverMerge};

std::int64_t sum_of(const MemoryPlan& plan) {
  return std::accumulate(plan.shares.begin(), plan.shares.end(), plan.spare_bytes,
                         [](std::int64_t sum, const auto& share) { return sum + share.second; });
}

TEST(MemoryPlanTest, GivesOutNoMoreThanTheLimit) {
  for (const std::int64_t mib : {256, 400, 1024, 65'536}) {
    const MemoryPlan plan = plan_memory(mib * kMiB, kAll);
    EXPECT_EQ(plan.shares.size(), 4U);
    EXPECT_LE(sum_of(plan), (mib - 90) * kMiB) << mib;
    EXPECT_GE(sum_of(plan), (mib - 100) * kMiB) << mib;
  }
}

TEST(MemoryPlanTest, GivesAStageThatRunsAloneAllThatIsNotSpare) {
  const MemoryPlan alone = plan_memory(1024 * kMiB, {Role::kSilverStage});
  EXPECT_GT(alone.shares.at(Role::kSilverStage), 550 * kMiB);
  EXPECT_EQ(alone.record_bytes_max, plan_memory(1024 * kMiB, kAll).record_bytes_max)
      << "what one process takes in, the next must be able to read";
}

TEST(MemoryPlanTest, TakesAMessageOfFiftyMegabytesByDefault) {
  EXPECT_GE(plan_memory(1024 * kMiB, kAll).record_bytes_max, 50'100'000);
}

TEST(MemoryPlanTest, MakesWorkableSettingsOfTheLeastLimit) {
  const MemoryPlan plan = plan_memory(256 * kMiB, kAll);
  EXPECT_THAT(plan.fitted(bronze::BronzeConfig{}).validate(), IsOk());
  EXPECT_THAT(plan.stage().validate(), IsOk());
  EXPECT_THAT(plan.fitted(silver_current::SilverMergeConfig{}).validate(), IsOk());
  EXPECT_GT(plan.compaction().group_bytes_max, 0);
  EXPECT_GE(plan.queue_bytes_max(), kMiB);
  EXPECT_GE(plan.record_bytes_max, 8 * kMiB);
}

TEST(MemoryPlanTest, LeavesTheDefaultsOfTheStagesWhereThereIsEnough) {
  const MemoryPlan plan = plan_memory(8192 * kMiB, kAll);
  const bronze::BronzeConfig bronze;
  EXPECT_EQ(plan.fitted(bronze).batch_bytes_max, bronze.batch_bytes_max);
  EXPECT_EQ(plan.fitted(bronze).open_files_max, bronze.open_files_max);
  const silver_stage::StageBatchLimits limits;
  EXPECT_EQ(plan.stage().limits.bytes_max, limits.bytes_max);
  EXPECT_EQ(plan.stage().limits.group_bytes_max, limits.group_bytes_max);
}

}  // namespace
}  // namespace cdclake::pipeline
