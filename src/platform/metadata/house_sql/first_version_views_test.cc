#include <gtest/gtest.h>

#include <string>

#include "platform/metadata/silver_sql/stage_workbench.h"
#include "platform/metadata/sqlite/statement.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::IsOk;

/// The rows of a query as text, columns joined by `|`, as an operator's shell prints them.
std::vector<std::string> query(const std::string& path, const std::string& sql, int columns) {
  Database database(path, Access::kReadOnly);
  Statement statement = BareStore::unwrap(Statement::prepare(database, sql.c_str()));
  std::vector<std::string> rows;
  while (BareStore::unwrap(statement.next())) {
    std::string row;
    for (int i = 0; i < columns; ++i) row += (i == 0 ? "" : "|") + statement.text(i);
    rows.push_back(row);
  }
  return rows;
}
using Rows = std::vector<std::string>;

TEST(FirstVersionViewsTest, ShowRunsWithTheirOldWordsAndTimes) {
  BareStore store;
  store.begin_run(Role::kBronzeWrite, "one");
  const RunId two = store.begin_run(Role::kBronzeWrite, "two");
  store.clock().advance(std::chrono::milliseconds(2500));
  ASSERT_THAT(
      store->end_run(store.lease(Role::kBronzeWrite), two, RunStatus::kAborted, R"({"a":1})"),
      IsOk());
  EXPECT_EQ(query(store.path(), "SELECT * FROM pipeline_runs ORDER BY run_id", 5),
            (Rows{"one|2026-11-24T12:00:00+00:00||STARTED|",
                  R"(two|2026-11-24T12:00:00+00:00|2026-11-24T12:00:02+00:00|FAILED|{"a":1})"}));
}

TEST(FirstVersionViewsTest, ShowTheLastOffsetOfTheNewestLifeOfATopic) {
  StagedStore it;
  model::PartitionId again = kUsersTopic;
  EXPECT_EQ(query(it.store.path(), "SELECT * FROM cdc_checkpoints", 4),
            Rows{"s.users|0|9|2026-11-24T12:00:00+00:00"});
  again.incarnation = "recorded:2";
  ASSERT_THAT(it.store->commit(
                  it.store.lease(Role::kBronzeWrite),
                  testing::bronze_commit(RunId("bronze"), "x", testing::segment_of(again, 0, 3))),
              IsOk());
  EXPECT_EQ(query(it.store.path(),
                  "SELECT topic, partition, last_committed_offset FROM cdc_checkpoints", 3),
            Rows{"s.users|0|2"});
}

TEST(FirstVersionViewsTest, ShowSilverRunsAndTheDatesThatAreMerged) {
  StagedStore it;
  ASSERT_THAT(it.stage(it.stage_of("a", 0, 5)), IsOk());
  StageCommit later = it.stage_of("b", 5, 10);
  later.files[0].event_date = "2026-01-02";
  ASSERT_THAT(it.stage(later), IsOk());
  MergeCommit commit;
  commit.run = it.store.begin_run(Role::kSilverMerge, "merge");
  TableMerge merge;
  merge.table = it.table;
  merge.new_version = 1;
  merge.schema = it.schema->id;
  merge.added = {testing::prepared("f", FileKind::kCurrent, {lake::Root::kSilver, "d"}, 4)};
  merge.files = {{FileId("f"), 4, merge.added[0].bytes, "", "", 0}};
  merge.moves = {{kUsersTopic, 0, 6}};
  commit.tables = {merge};
  ASSERT_THAT(it.store->commit(it.store.lease(Role::kSilverMerge), commit), IsOk());

  EXPECT_EQ(query(it.store.path(),
                  "SELECT run_id, job_name, table_name, status FROM silver_runs ORDER BY 1", 4),
            (Rows{"merge|silver_merge|users|STARTED", "stage|silver_stage|users|STARTED"}));
  EXPECT_EQ(query(it.store.path(), "SELECT * FROM silver_partitions_processed", 9),
            Rows{"1|silver_merge|users|2026-01-01|2026-11-24T12:00:00+00:00|merge|5|4|0"});
}

}  // namespace
}  // namespace cdclake::metadata
