#include "platform/commit/role_lease.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"

namespace cdclake::commit {
namespace {

using metadata::Role;
using testing::BareStore;
using testing::bronze_commit;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::partition_of;
using testing::segment_of;

Result<RoleLease> take(BareStore& store, Role role = Role::kBronzeWrite) {
  return RoleLease::take(*store, store.path(), role, store.clock());
}

std::size_t lock_files(BareStore& store) {
  const auto files = std::filesystem::directory_iterator(store.path() + ".lease");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST(RoleLeaseTest, IsRefusedWithTheHoldersNameWhileTheHolderLives) {
  BareStore store;
  const auto first = take(store);
  ASSERT_THAT(first, IsOk());
  store.clock().advance(std::chrono::seconds(59));
  EXPECT_THAT(take(store), FailsSaying(ErrorKind::kConflict, first->grant().holder));
  EXPECT_THAT(take(store, Role::kSilverStage), IsOk()) << "another role is free";
}

TEST(RoleLeaseTest, IsRefusedUnderAnotherNameOfTheSameStore) {
  BareStore store;
  const auto first = take(store);
  ASSERT_THAT(first, IsOk());
  const std::string link = store.path() + ".link";
  std::filesystem::create_symlink(store.path(), link);
  EXPECT_THAT(RoleLease::take(*store, link, Role::kBronzeWrite, store.clock()),
              FailsWith(ErrorKind::kConflict));
}

TEST(RoleLeaseTest, IsTakenAtOnceWhenTheHolderIsGone) {
  BareStore store;
  {
    ASSERT_THAT(take(store), IsOk());
  }
  const auto next = take(store);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->grant().epoch, 2);
  EXPECT_EQ(lock_files(store), 1U);
}

TEST(RoleLeaseTest, IsTakenOverFromAHolderThatGivesNoSign) {
  BareStore store;
  auto stuck = take(store);
  ASSERT_THAT(stuck, IsOk());
  store.clock().advance(std::chrono::seconds(61));
  auto next = take(store);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->grant().epoch, stuck->grant().epoch + 1);
  EXPECT_THAT(stuck->heartbeat(), FailsSaying(ErrorKind::kConflict, "fenced"));
  EXPECT_THAT(next->heartbeat(), IsOk());
}

TEST(RoleLeaseTest, IsKeptByHeartbeats) {
  BareStore store;
  auto holder = take(store);
  ASSERT_THAT(holder, IsOk());
  for (int i = 0; i < 5; ++i) {
    store.clock().advance(std::chrono::seconds(50));
    ASSERT_THAT(holder->heartbeat(), IsOk());
    EXPECT_THAT(take(store), FailsWith(ErrorKind::kConflict));
  }
}

TEST(RoleLeaseTest, CanBeLookedAtWithoutBeingTaken) {
  BareStore store;
  const auto look = [&] { return *look_at_roles(*store, store.path(), store.clock()); };
  EXPECT_TRUE(look().empty()) << "nobody ever held a role";
  {
    auto holder = take(store, Role::kSilverStage);
    ASSERT_THAT(holder, IsOk());
    ASSERT_EQ(look().size(), 1U);
    EXPECT_EQ(look().front().holder, holder->grant().holder);
    EXPECT_TRUE(look().front().is_alive);
    store.clock().advance(std::chrono::seconds(61));
    EXPECT_FALSE(look().front().is_alive) << "it gives no sign";
    ASSERT_THAT(holder->heartbeat(), IsOk());
    EXPECT_TRUE(look().front().is_alive);
  }
  EXPECT_FALSE(look().front().is_alive) << "its process is gone";
}

TEST(RoleLeaseTest, LetsAFencedHolderChangeNothing) {
  BareStore store;
  const auto stuck = take(store);
  ASSERT_THAT(stuck, IsOk());
  metadata::Run run;
  run.id = RunId("run1");
  run.job = "bronze_write";
  ASSERT_THAT(store->begin_run(stuck->grant(), run), IsOk());
  store.clock().advance(std::chrono::minutes(2));
  const auto next = take(store);
  ASSERT_THAT(next, IsOk());

  const auto refused = FailsSaying(ErrorKind::kConflict, "fenced");
  const auto segment = segment_of(partition_of("t"), 0, 5);
  EXPECT_THAT(store->commit(stuck->grant(), bronze_commit(run.id, "a", segment)), refused);
  bool was_called = false;
  EXPECT_THAT(store->publish(stuck->grant(), {},
                             [&]() -> Status {
                               was_called = true;
                               return {};
                             }),
              refused);
  EXPECT_FALSE(was_called) << "no rename, no exchange";
  EXPECT_THAT(store->end_run(stuck->grant(), run.id, metadata::RunStatus::kFailed, "{}"), refused);
  EXPECT_THAT(store->commit(next->grant(), bronze_commit(run.id, "a", segment)), IsOk());
}

TEST(RoleLeaseTest, IsGivenToOneOfTwoThatStartAtOnce) {
  BareStore store;
  const auto seen = store->lease_state(Role::kBronzeWrite);
  ASSERT_THAT(seen, IsOk());
  ASSERT_THAT(take(store), IsOk());
  EXPECT_THAT(store->take_lease(Role::kBronzeWrite, "late:1", seen->epoch),
              FailsWith(ErrorKind::kConflict));
}

}  // namespace
}  // namespace cdclake::commit
