#include "app/pipeline/stage_loops/lease_keeper.h"

#include <gtest/gtest.h>

#include <future>

#include "platform/metadata/metadata_store.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::pipeline {
namespace {

using metadata::Role;
using testing::FailsWith;
using testing::IsOk;

struct Keeping {
  testing::TempFolder folder;
  SystemClock clock;
  std::string path = folder / "store.sqlite";
  std::promise<Error> lost;

  Result<LeaseKeeper> take(const std::vector<Role>& roles) {
    return LeaseKeeper::take(
        path, roles, clock, [this](Error error) { lost.set_value(std::move(error)); },
        std::chrono::milliseconds(5));
  }
};

TEST(LeaseKeeperTest, GrantsEachRoleThatItTook) {
  Keeping it;
  const auto keeper = it.take({Role::kSilverStage, Role::kSilverMerge});
  ASSERT_THAT(keeper, IsOk());
  EXPECT_EQ(keeper->grant(Role::kSilverMerge).role, Role::kSilverMerge);
  EXPECT_EQ(keeper->grant(Role::kSilverStage).epoch, 1);
}

TEST(LeaseKeeperTest, GivesItsRolesUpWithItsLife) {
  Keeping it;
  {
    ASSERT_THAT(it.take({Role::kSilverStage}), IsOk());
  }
  EXPECT_THAT(it.take({Role::kSilverStage}), IsOk());
}

TEST(LeaseKeeperTest, TakesNoRoleWhereOneIsHeld) {
  Keeping it;
  const auto holder = it.take({Role::kSilverMerge});
  ASSERT_THAT(holder, IsOk());
  EXPECT_THAT(it.take({Role::kSilverStage, Role::kSilverMerge}), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(it.take({Role::kSilverStage}), IsOk());
}

TEST(LeaseKeeperTest, SaysThatARoleWasTakenOver) {
  Keeping it;
  const auto keeper = it.take({Role::kSilverMerge});
  ASSERT_THAT(keeper, IsOk());
  auto store = metadata::MetadataStore::open(it.path, metadata::Access::kReadWrite, it.clock);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(store->take_lease(Role::kSilverMerge, "another", 1), IsOk());
  EXPECT_EQ(it.lost.get_future().get().kind, ErrorKind::kConflict);
}

TEST(LeaseKeeperTest, KeepsTheHeartbeatsGoing) {
  Keeping it;
  const auto keeper = it.take({Role::kSilverMerge});
  ASSERT_THAT(keeper, IsOk());
  auto store = metadata::MetadataStore::open(it.path, metadata::Access::kReadOnly, it.clock);
  ASSERT_THAT(store, IsOk());
  const auto first = store->lease_state(Role::kSilverMerge);
  ASSERT_THAT(first, IsOk());
  for (auto now = first; now->heartbeat_us == first->heartbeat_us;) {
    now = store->lease_state(Role::kSilverMerge);
    ASSERT_THAT(now, IsOk());
  }
}

}  // namespace
}  // namespace cdclake::pipeline
