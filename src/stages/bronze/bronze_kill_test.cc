// Nothing in this process may reach a failpoint: it would be read before a child arms it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/child_process.h"

namespace cdclake::bronze {
namespace {

using testing::Ending;
using testing::fake_records;
using testing::FakeBatch;
using testing::FakeRecord;

std::vector<FakeBatch> batches() {
  std::vector<FakeRecord> orders = fake_records(0, 4, {.topic = "shop.public.orders"});
  return {FakeBatch{.records = fake_records(0, 6)}, FakeBatch{.records = orders},
          FakeBatch{.records = fake_records(6, 6)}};
}

std::vector<FakeRecord> expected() {
  auto records = fake_records(0, 4, {.topic = "shop.public.orders"});
  for (FakeRecord& record : fake_records(0, 12)) records.push_back(record);
  return records;
}

/// Writes and compacts in a process of its own, in which the failpoint ends it.
Ending work_in_child(BronzeWorkbench& bench, const std::string& failpoint) {
  bench.store.close();
  const Ending ending = testing::run_in_child(failpoint, [&] {
    bench.store.reopen();
    return bench.write(batches(), {.batch_rows_max = 9}) && bench.compact();
  });
  bench.store.reopen();
  return ending;
}

class BronzeKillTest : public ::testing::TestWithParam<const char*> {};

TEST_P(BronzeKillTest, LosesAndDoublesNothing) {
  int kills = 0;
  for (int n = 1;; ++n) {
    BronzeWorkbench bench;
    const Ending ending = work_in_child(bench, std::string(GetParam()) + ":" + std::to_string(n));
    ASSERT_NE(ending, Ending::kFailed) << n;
    if (ending == Ending::kReturned) break;
    ++kills;
    ASSERT_EQ(work_in_child(bench, ""), Ending::kReturned) << n;
    EXPECT_EQ(bench.records(), expected()) << n;
    EXPECT_EQ(bench.position("shop.public.users", 0), 12);
    // Every folder is compacted and has its manifest.
    EXPECT_EQ(bench.names("manifest.json").size(), bench.names(".parquet").size()) << n;
    EXPECT_EQ(bench.names("_COMPACTED").size(), bench.names(".parquet").size()) << n;
  }
  EXPECT_GT(kills, 0) << "the failpoint was never reached";
}

INSTANTIATE_TEST_SUITE_P(At, BronzeKillTest,
                         ::testing::Values("bronze.run_begun", "bronze.prepared",
                                           "commit.before_record", "commit.after_record",
                                           "commit.after_rename", "commit.before_published",
                                           "commit.after_published", "bronze.published",
                                           "bronze.texts_written", "bronze.compaction_proved",
                                           "commit.after_aside", "commit.after_exchange"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace cdclake::bronze
