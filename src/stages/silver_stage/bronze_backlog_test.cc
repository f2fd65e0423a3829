#include "stages/silver_stage/bronze_backlog.h"

#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace cdclake::silver_stage {
namespace {

using testing::FailsWith;

metadata::StoredBronzeFile file_of(const std::string& id,
                                   const std::vector<std::pair<int, model::OffsetRange>>& ranges) {
  metadata::StoredBronzeFile file;
  file.id = FileId(id);
  file.topic = "t";
  for (const auto& [partition, range] : ranges) {
    file.segments.push_back({{"t", "1", partition}, range, range.next - range.first, {}});
  }
  return file;
}

std::vector<std::string> ids(const std::vector<metadata::StoredBronzeFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.id.value);
  return names;
}

TEST(OrderByOffsetTest, PutsAFileThatWasCompactedLateBeforeTheRunAfterIt) {
  const auto ordered = order_by_offset({file_of("run 2, part 1", {{0, {5, 9}}, {1, {3, 4}}}),
                                        file_of("run 2, part 2", {{1, {4, 8}}}),
                                        file_of("run 1, compacted", {{0, {0, 5}}, {1, {0, 3}}})});
  ASSERT_TRUE(ordered);
  EXPECT_EQ(ids(*ordered),
            (std::vector<std::string>{"run 1, compacted", "run 2, part 1", "run 2, part 2"}));
}

TEST(OrderByOffsetTest, KeepsTheGivenOrderWhereOffsetsDoNotDecide) {
  const auto ordered = order_by_offset({file_of("a", {{0, {5, 9}}}), file_of("b", {{1, {0, 5}}})});
  ASSERT_TRUE(ordered);
  EXPECT_EQ(ids(*ordered), (std::vector<std::string>{"a", "b"}));
}

TEST(OrderByOffsetTest, RefusesFilesThatContradictEachOther) {
  EXPECT_THAT(order_by_offset({file_of("a", {{0, {0, 5}}, {1, {5, 9}}}),
                               file_of("b", {{0, {5, 9}}, {1, {0, 5}}})}),
              FailsWith(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace cdclake::silver_stage
