#include "platform/metadata/house_sql/source_end_sql.h"

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

TEST(SourceEndSqlTest, KeepsTheNewestEndOfEveryPartitionAlsoOfOneThatWasNeverRead) {
  BareStore store;
  const auto& lease = store.lease(Role::kBronzeWrite);
  const std::vector<model::PartitionEnd> first = {{partition_of("s.users"), 5, 10},
                                                  {partition_of("s.empty"), 0, 10}};
  const std::vector<model::PartitionEnd> second = {{partition_of("s.users"), 9, 20}};
  ASSERT_THAT(store->record_ends(lease, first), IsOk());
  ASSERT_THAT(store->record_ends(lease, second), IsOk());
  const auto ends = BareStore::unwrap(store->source_ends());
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0].partition.topic, "s.empty");
  EXPECT_EQ(ends[1].next_offset, 9);
  EXPECT_EQ(ends[1].seen_us, 20);
  EXPECT_TRUE(store->bronze_positions()->empty());
}

TEST(SourceEndSqlTest, TakesNothingFromAWriterThatWasFenced) {
  BareStore store;
  const LeaseGrant fenced = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->take_lease(Role::kBronzeWrite, "test:2", fenced.epoch), IsOk());
  const std::vector<model::PartitionEnd> ends = {{partition_of("s.users"), 5, 10}};
  EXPECT_THAT(store->record_ends(fenced, ends), FailsWith(ErrorKind::kConflict));
  EXPECT_TRUE(store->source_ends()->empty());
}

}  // namespace
}  // namespace cdclake::metadata
