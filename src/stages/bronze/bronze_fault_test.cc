#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/faulty_lake.h"
#include "testing/matchers.h"

namespace cdclake::bronze {
namespace {

using testing::fake_records;
using testing::FakeBatch;
using testing::Fault;
using testing::FaultyLake;
using testing::IsOk;

std::vector<FakeBatch> batches() {
  return {FakeBatch{.records = fake_records(0, 3)}, FakeBatch{.records = fake_records(3, 3)}};
}

/// Writes and compacts with the n-th operation failing; says whether that was reached.
bool work_with_fault(BronzeWorkbench& bench, int n, Fault fault) {
  FaultyLake faulty(bench.lake.fs(), n, fault);
  bench.through = &faulty;
  const bool is_ok = bench.write(batches(), {.batch_rows_max = 4}) && bench.compact();
  bench.through = nullptr;
  EXPECT_TRUE(is_ok || faulty.has_failed());
  return faulty.has_failed();
}

class BronzeFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(BronzeFaultTest, LosesAndDoublesNothingWhicheverOperationFails) {
  int n = 1;
  for (;; ++n) {
    BronzeWorkbench bench;
    if (!work_with_fault(bench, n, GetParam())) break;
    bench.store.reopen();
    ASSERT_THAT(bench.write(batches()), IsOk()) << n;
    ASSERT_THAT(bench.compact(), IsOk()) << n;
    EXPECT_EQ(bench.records(), fake_records(0, 6)) << n;
    EXPECT_EQ(bench.names("manifest.json").size(), bench.names(".parquet").size()) << n;
  }
  EXPECT_GT(n, 20);
}

INSTANTIATE_TEST_SUITE_P(Fails, BronzeFaultTest, ::testing::Values(Fault::kOnce, Fault::kForGood),
                         [](const auto& parameter) {
                           return parameter.param == Fault::kOnce ? "Once" : "ForGood";
                         });

}  // namespace
}  // namespace cdclake::bronze
