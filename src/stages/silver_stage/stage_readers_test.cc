#include <gtest/gtest.h>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/python_script.h"

namespace cdclake::silver_stage {
namespace {

TEST(StageReadersTest, ReadChangesAndQuarantineByGlob) {
  ASSERT_EQ(testing::trouble_with_readers(), "");
  StageWorkbench bench;
  bench.use_corpus_types("a_seed", "plain");
  bench.land_recording("a_seed/plain/events.jsonl.zst");
  bench.land({{.topic = "bad", .offset = 0, .value = "no JSON"},
              {.topic = "bad", .offset = 1, .value = "{\"a\":\"\xff\"}"}});
  bench.stage();
  const auto result = testing::run_python("src/stages/silver_stage/read_stage.py",
                                          {bench.lake().fs().absolute({lake::Root::kSilver, ""})});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace
}  // namespace cdclake::silver_stage
