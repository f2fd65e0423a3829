#include <gtest/gtest.h>

#include <string>

#include "platform/lake/lake_fs.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::lake {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(LakeContentTest, FindsAFileThatDiffersByOneByteOrByItsLength) {
  testing::TempLake lake;
  const LakePath path{Root::kBronze, "file"};
  const std::string bytes(3 << 20, 'x');
  const auto file = lake.fs().create(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->append(bytes), IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
  const auto size = static_cast<std::int64_t>(bytes.size());
  EXPECT_THAT(verify_content(lake.fs(), path, size, hash128(bytes)), IsOk());
  EXPECT_THAT(verify_content(lake.fs(), path, size - 1, hash128(bytes)),
              FailsWith(ErrorKind::kCorrupt));
  EXPECT_THAT(verify_content(lake.fs(), path, size, hash128(bytes.substr(1) + "y")),
              FailsWith(ErrorKind::kCorrupt));
}

TEST(LakeContentTest, ReadsSmallTextsWhole) {
  testing::TempLake lake;
  const LakePath path{Root::kSilver, "text"};
  EXPECT_THAT(read_text(lake.fs(), path), FailsWith(ErrorKind::kUnavailable));
  const auto file = lake.fs().create(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->sync_and_close(), IsOk());
  EXPECT_EQ(read_text(lake.fs(), path).value(), "");
}

}  // namespace
}  // namespace cdclake::lake
