#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "stages/bronze/bronze_workbench.h"
#include "testing/matchers.h"
#include "testing/python_script.h"

namespace cdclake::bronze {
namespace {

using testing::fake_records;
using testing::FakeBatch;
using testing::IsOk;

/// Readers that are not ours, asking all the time until it is destroyed.
class AskingReaders {
 public:
  explicit AskingReaders(const BronzeWorkbench& bench)
      : stop_file_(bench.lake.folder() / "stop"), thread_([this, &bench] {
          result_ = testing::run_python("src/stages/bronze/glob_loop.py",
                                        {bench.lake.folder() / "bronze", stop_file_});
        }) {}

  testing::ScriptResult finish() {
    std::ofstream(stop_file_) << "stop";
    thread_.join();
    return result_;
  }

 private:
  std::string stop_file_;
  testing::ScriptResult result_;
  std::thread thread_;
};

TEST(BronzeReadersTest, NeverShowARecordTwiceWhileRunsAreWrittenAndCompacted) {
  ASSERT_EQ(testing::trouble_with_readers(), "");
  BronzeWorkbench bench;
  std::int64_t next = 0;
  const auto write_run = [&] {
    const auto records = fake_records(next, 300, {.partition = 1});
    next += 300;
    return bench.write({FakeBatch{.records = records}}, {.batch_rows_max = 100});
  };
  ASSERT_THAT(write_run(), IsOk());
  AskingReaders readers(bench);
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(write_run(), IsOk());
    EXPECT_THAT(bench.compact(), IsOk());
  }
  const auto result = readers.finish();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  RecordProperty("readers", result.output);
}

}  // namespace
}  // namespace cdclake::bronze
