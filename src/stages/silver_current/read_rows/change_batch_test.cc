#include "stages/silver_current/read_rows/change_batch.h"

#include <gtest/gtest.h>

#include "testing/commit_builders.h"
#include "testing/manual_clock.h"
#include "testing/matchers.h"
#include "testing/temp_store.h"

namespace cdclake::silver_current {
namespace {

TEST(ChangeBatchTest, GivesUpWhereAStopIsAskedFor) {
  testing::TempLake lake;
  testing::ManualClock clock;
  testing::TempStore store(lake, clock);
  const auto schema = testing::small_schema({"s", "d", "public", "users"});
  const std::vector<metadata::StoredStageFile> files(1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(load_change_batch({lake.fs(), *store, files, stop.get_token()}, *schema,
                                *KeyCodec::make(*schema), {}),
              testing::FailsWith(ErrorKind::kCancelled));
}

}  // namespace
}  // namespace cdclake::silver_current
