#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "pipeline_under_test.h"

namespace cdclake::end_to_end {
namespace {

namespace fs = std::filesystem;

std::set<fs::path> stage_files(PipelineUnderTest& pipeline) {
  std::set<fs::path> files;
  const auto root = pipeline.fs().absolute({lake::Root::kSilver, "stage_events"});
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files.insert(entry.path());
  }
  return files;
}

std::string corpus(const std::string& file) {
  return std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/tests/corpus/l_partitioned_moves/" +
         file;
}

/// Records of `public.accounts`: a create at offset 26 of partition 0 waits for a delete in
/// another.
class Accounts {
 public:
  PipelineUnderTest::Types types =
      load_types(corpus("catalog.json"), corpus("plain/connector.json"));
  reference::Reference source = reference::Reference::load(
      corpus("plain/events.jsonl.zst"), corpus("catalog.json"), corpus("plain/connector.json"));

  std::vector<testing::FakeRecord> records(std::int32_t partition, std::int64_t first,
                                           std::int64_t next) const {
    std::vector<testing::FakeRecord> picked;
    for (const auto& record : records_) {
      if (record.topic.ends_with(".accounts") && record.partition == partition &&
          record.offset >= first && record.offset < next)
        picked.push_back(record);
    }
    return picked;
  }

 private:
  std::vector<testing::FakeRecord> records_ = load_records(corpus("plain/events.jsonl.zst"));
};

TEST(OpenMoveTest, RowsBehindItAreNotReadAgainWhileItIsOpen) {
  const Accounts accounts;
  PipelineBounds bounds;
  bounds.merge.batch_rows_max = 3;
  PipelineUnderTest pipeline(accounts.types, bounds);
  pipeline.write(accounts.records(0, 0, 34));
  pipeline.stage();
  const auto before = stage_files(pipeline);
  pipeline.write(accounts.records(0, 34, 39));
  pipeline.stage();
  std::vector<fs::path> backlog;
  std::ranges::set_difference(stage_files(pipeline), before, std::back_inserter(backlog));
  ASSERT_FALSE(backlog.empty());

  pipeline.merge_twice([&] {
    for (const fs::path& file : backlog) fs::rename(file, file.string() + ".aside");
    pipeline.write(accounts.records(1, 0, 1));
    pipeline.stage();
  });
  EXPECT_EQ(pipeline.tables().front().reason, "");
  reference::Cut merged = pipeline.merged("public.accounts");
  std::erase_if(merged, [](const auto& end) { return end.second == 0; });
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged.begin()->second, 26) << "where the create is";
  EXPECT_EQ(merged.rbegin()->second, 1) << "of the other partition";

  for (const fs::path& file : backlog) fs::rename(file.string() + ".aside", file);
  for (std::int32_t partition = 1; partition < 4; ++partition) {
    pipeline.write(accounts.records(partition, partition == 1 ? 1 : 0, 1'000'000));
  }
  pipeline.write(accounts.records(0, 39, 1'000'000));
  pipeline.stage();
  pipeline.merge();
  EXPECT_EQ(pipeline.current("public.accounts", accounts.source),
            accounts.source.fold("public.accounts", accounts.source.everything()));
}

}  // namespace
}  // namespace cdclake::end_to_end
