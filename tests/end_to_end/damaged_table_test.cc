#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline_under_test.h"

namespace cdclake::end_to_end {
namespace {

/// The bytes of the one current file of a table.
class OnlyCurrentFile {
 public:
  OnlyCurrentFile(lake::LakeFs& fs, const std::string& table) {
    const lake::LakePath folder{lake::Root::kSilver, "current_data/table=" + table};
    for (const auto& entry : std::filesystem::directory_iterator(fs.absolute(folder)))
      path_ = entry.path();
  }
  std::string read() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  std::filesystem::path path_;
};

metadata::Table table_named(PipelineUnderTest& pipeline, const std::string& name) {
  for (const metadata::Table& table : pipeline.tables()) {
    if (table.id.display() == name) return table;
  }
  return {};
}

TEST(DamagedTableTest, IsStoppedAloneAndGoesOnOnceMended) {
  const std::string folder =
      std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/tests/corpus/a_seed/";
  const std::string recording = folder + "plain/events.jsonl.zst";
  const auto source = reference::Reference::load(recording, folder + "catalog.json",
                                                 folder + "plain/connector.json");
  PipelineUnderTest pipeline(load_types(folder + "catalog.json", folder + "plain/connector.json"));
  std::vector<testing::FakeRecord> late;
  std::vector<testing::FakeRecord> early;
  for (const auto& record : load_records(recording))
    (record.offset < 5 ? early : late).push_back(record);
  pipeline.write(early);
  pipeline.stage();
  pipeline.merge();

  const OnlyCurrentFile file(pipeline.fs(), "public.orders");
  const std::string whole = file.read();
  file.write("damaged");
  pipeline.write(late);
  pipeline.stage();
  pipeline.merge();
  const auto all = source.everything();
  EXPECT_EQ(pipeline.current("public.users", source), source.fold("public.users", all));
  EXPECT_EQ(table_named(pipeline, "public.orders").state, metadata::TableState::kStopped);
  EXPECT_EQ(table_named(pipeline, "public.orders").reason.substr(0, 13), "CANNOT_MERGE:");

  file.write(whole);
  pipeline.merge();
  EXPECT_EQ(pipeline.current("public.orders", source), source.fold("public.orders", all));
  EXPECT_EQ(table_named(pipeline, "public.orders").state, metadata::TableState::kActive);
}

}  // namespace
}  // namespace cdclake::end_to_end
