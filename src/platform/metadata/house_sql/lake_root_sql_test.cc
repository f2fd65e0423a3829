#include "platform/metadata/house_sql/lake_root_sql.h"

#include <gtest/gtest.h>

#include "testing/bare_store.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;

TEST(LakeRootSqlTest, TellsTheSecondOfTwoThatBindAtOnceWhoseLakeItIs) {
  BareStore store;
  const auto& first = store.lease(Role::kBronzeWrite);
  const auto& second = store.lease(Role::kSilverStage);
  EXPECT_EQ(store->bound_lake(lake::Root::kBronze).value(), std::nullopt);
  EXPECT_EQ(store->bind_lake(first, lake::Root::kBronze, "one").value(), "one");
  EXPECT_EQ(store->bind_lake(second, lake::Root::kBronze, "other").value(), "one");
  EXPECT_EQ(store->bind_lake(second, lake::Root::kSilver, "other").value(), "other");
}

}  // namespace
}  // namespace cdclake::metadata
