#include "platform/metadata/bronze_sql/bronze_sql.h"

#include <gtest/gtest.h>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::bronze_commit;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;
using testing::partition_of;
using testing::segment_of;

const model::PartitionId kUsers = partition_of("public.users");

std::vector<std::string> ids_of(const Result<std::vector<StoredBronzeFile>>& files) {
  EXPECT_THAT(files, IsOk());
  std::vector<std::string> ids;
  for (const StoredBronzeFile& file : files.value()) ids.push_back(file.id.value);
  return ids;
}

std::int64_t position_of(BareStore& store, const model::PartitionId& partition) {
  const auto positions = BareStore::unwrap(store->bronze_positions());
  for (const model::Position& position : positions) {
    if (position.partition == partition) return position.next_offset;
  }
  return -1;
}

using Ids = std::vector<std::string>;

TEST(BronzeSqlTest, MovesThePositionAndRecordsTheSegmentsInOneStep) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "a", segment_of(kUsers, 0, 10))), IsOk());
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "b", segment_of(kUsers, 10, 15))), IsOk());
  EXPECT_EQ(position_of(store, kUsers), 15);

  const auto files = store->bronze_files_of_run(run);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[1].id.value, "b");
  EXPECT_EQ((*files)[1].path.relative, "cdc/public.users/run1/b.parquet");
  EXPECT_EQ((*files)[1].run, run);
  EXPECT_EQ((*files)[1].topic, "public.users");
  EXPECT_EQ((*files)[1].rows, 5);
  EXPECT_EQ((*files)[1].segments, std::vector{segment_of(kUsers, 10, 15)});
}

TEST(BronzeSqlTest, RefusesAPositionThatAnotherProcessMovedAndChangesNothing) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "a", segment_of(kUsers, 0, 10))), IsOk());
  EXPECT_THAT(store->commit(lease, bronze_commit(run, "b", segment_of(kUsers, 0, 10))),
              FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(store->commit(lease, bronze_commit(run, "b", segment_of(kUsers, 12, 20))),
              FailsWith(ErrorKind::kConflict));
  EXPECT_EQ(position_of(store, kUsers), 10);
  EXPECT_EQ(ids_of(store->bronze_files_of_run(run)), Ids{"a"});
  EXPECT_THAT(store->file(FileId("b")), FailsWith(ErrorKind::kCorrupt));
}

TEST(BronzeSqlTest, RefusesACommitOfAFencedHolder) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const LeaseGrant old = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->take_lease(Role::kBronzeWrite, "other:2", old.epoch), IsOk());
  EXPECT_THAT(store->commit(old, bronze_commit(run, "a", segment_of(kUsers, 0, 10))),
              FailsSaying(ErrorKind::kConflict, "other:2"));
  EXPECT_TRUE(store->bronze_positions()->empty());
}

TEST(BronzeSqlTest, RefusesAMoveThatSegmentsAndGapsDoNotCover) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  BronzeCommit hole = bronze_commit(run, "a", segment_of(kUsers, 0, 10));
  hole.moves[0].next = 11;
  EXPECT_THAT(store->commit(lease, hole), FailsWith(ErrorKind::kCorrupt));
  BronzeCommit late = bronze_commit(run, "a", segment_of(kUsers, 3, 10));
  late.moves[0].expected = 0;
  EXPECT_THAT(store->commit(lease, late), FailsWith(ErrorKind::kCorrupt));
  BronzeCommit unmoved = bronze_commit(run, "a", segment_of(kUsers, 0, 10));
  unmoved.moves.clear();
  EXPECT_THAT(store->commit(lease, unmoved), FailsWith(ErrorKind::kCorrupt));
  BronzeCommit overlap = bronze_commit(run, "a", segment_of(kUsers, 0, 10));
  overlap.files[0].segments.push_back(segment_of(kUsers, 5, 12));
  overlap.files[0].file.rows = 17;
  overlap.moves[0].next = 12;
  EXPECT_THAT(store->commit(lease, overlap), FailsWith(ErrorKind::kCorrupt));
  BronzeCommit miscounted = bronze_commit(run, "a", segment_of(kUsers, 0, 10));
  miscounted.files[0].file.rows = 9;
  EXPECT_THAT(store->commit(lease, miscounted), FailsWith(ErrorKind::kCorrupt));
  EXPECT_TRUE(store->bronze_positions()->empty());
}

TEST(BronzeSqlTest, RecordsGapsWithTheirReason) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  BronzeCommit commit = bronze_commit(run, "a", segment_of(kUsers, 100, 110));
  commit.gaps.push_back({kUsers, {0, 100}, "before_first_read"});
  commit.moves[0].expected = 0;
  ASSERT_THAT(store->commit(store.lease(Role::kBronzeWrite), commit), IsOk());
  const auto gaps = store->gaps();
  ASSERT_EQ(gaps->size(), 1U);
  EXPECT_EQ(gaps->front().range, (model::OffsetRange{0, 100}));
  EXPECT_EQ(gaps->front().reason, "before_first_read");
}

TEST(BronzeSqlTest, KeepsIncarnationsOfATopicApart) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  model::PartitionId again = kUsers;
  again.incarnation = "recorded:2";
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "a", segment_of(kUsers, 0, 10))), IsOk());
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "b", segment_of(again, 0, 4))), IsOk());
  EXPECT_EQ(position_of(store, kUsers), 10);
  EXPECT_EQ(position_of(store, again), 4);
}

TEST(BronzeSqlTest, FindsTheFilesOfARangeOfOffsets) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto segment = segment_of(kUsers, i * 10, i * 10 + 10);
    ASSERT_THAT(store->commit(lease, bronze_commit(run, "f" + std::to_string(i), segment)), IsOk());
  }
  EXPECT_EQ(ids_of(store->bronze_files(kUsers, {10, 30})), (Ids{"f1", "f2"}));
  EXPECT_EQ(ids_of(store->bronze_files(kUsers, {19, 21})), (Ids{"f1", "f2"}));
  EXPECT_EQ(ids_of(store->bronze_files(kUsers, {49, 99})), Ids{"f4"});
  EXPECT_EQ(ids_of(store->bronze_files(kUsers, {50, 99})), Ids{});
  EXPECT_EQ(ids_of(store->bronze_files(partition_of("other"), {0, 9})), Ids{});
}

TEST(BronzeSqlTest, RefusesACommitOfARunThatHasEnded) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  store.end_run(Role::kBronzeWrite, run);
  EXPECT_THAT(store->commit(store.lease(Role::kBronzeWrite),
                            bronze_commit(run, "a", segment_of(kUsers, 0, 10))),
              FailsWith(ErrorKind::kConflict));
}

TEST(BronzeSqlTest, RefusesTwoLiveFilesOfOneName) {
  BareStore store;
  const RunId run = store.begin_run(Role::kBronzeWrite, "run1");
  const auto& lease = store.lease(Role::kBronzeWrite);
  ASSERT_THAT(store->commit(lease, bronze_commit(run, "a", segment_of(kUsers, 0, 10))), IsOk());
  BronzeCommit twin = bronze_commit(run, "b", segment_of(kUsers, 10, 20));
  twin.files[0].file.final_path =
      bronze_commit(run, "a", segment_of(kUsers, 0, 1)).files[0].file.final_path;
  EXPECT_THAT(store->commit(lease, twin), FailsWith(ErrorKind::kCorrupt));
  EXPECT_EQ(position_of(store, kUsers), 10);
}

}  // namespace
}  // namespace cdclake::metadata
