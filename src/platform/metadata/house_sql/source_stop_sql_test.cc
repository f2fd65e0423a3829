#include <gtest/gtest.h>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsWith;
using testing::IsOk;
using testing::partition_of;

TEST(SourceStopSqlTest, KeepsThePartitionsThatAreStoppedNowAndNoOther) {
  BareStore store;
  const auto& lease = store.lease(Role::kBronzeWrite);
  const std::vector<model::PartitionStop> first = {
      {partition_of("s.users"), {5, 9}, "retention_loss", "4 offsets expired"},
      {partition_of("s.never_read"), {7, 7}, "truncated", "cut"}};
  ASSERT_THAT(store->record_stops(lease, first), IsOk());
  const auto both = BareStore::unwrap(store->source_stops());
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].partition, partition_of("s.users"));
  EXPECT_EQ(both[1].range, (model::OffsetRange{5, 9}));
  EXPECT_EQ(both[1].reason, "retention_loss");
  EXPECT_EQ(both[1].message, "4 offsets expired");
  ASSERT_THAT(store->record_stops(lease, {}), IsOk());
  EXPECT_TRUE(store->source_stops()->empty());
  EXPECT_TRUE(store->gaps()->empty());
  EXPECT_TRUE(store->bronze_positions()->empty());
}

TEST(SourceStopSqlTest, TakesNothingFromAWriterThatWasFenced) {
  BareStore store;
  const LeaseGrant fenced = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->take_lease(Role::kBronzeWrite, "test:2", fenced.epoch), IsOk());
  const std::vector<model::PartitionStop> stops = {
      {partition_of("s.users"), {5, 9}, "damaged", "CRC"}};
  EXPECT_THAT(store->record_stops(fenced, stops), FailsWith(ErrorKind::kConflict));
  EXPECT_TRUE(store->source_stops()->empty());
}

}  // namespace
}  // namespace cdclake::metadata
