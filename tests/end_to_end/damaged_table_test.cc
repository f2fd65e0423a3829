#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline_under_test.h"
#include "platform/metadata/sqlite/database.h"
#include "testing/matchers.h"

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

/// `public.users` and `public.orders`: their first records are merged, the rest is staged.
class TwoTables {
 public:
  TwoTables() {
    std::vector<testing::FakeRecord> early;
    std::vector<testing::FakeRecord> late;
    for (const auto& record : load_records(folder_ + "plain/events.jsonl.zst"))
      (record.offset < 5 ? early : late).push_back(record);
    pipeline_.write(early);
    pipeline_.stage();
    pipeline_.merge();
    pipeline_.write(late);
    pipeline_.stage();
  }
  PipelineUnderTest& pipeline() { return pipeline_; }

  void merge_and_expect_orders_stopped_alone() {
    pipeline_.merge();
    EXPECT_EQ(current("public.users"), expected("public.users"));
    const metadata::Table orders = table_named(pipeline_, "public.orders");
    EXPECT_EQ(orders.state, metadata::TableState::kStopped);
    EXPECT_EQ(orders.reason.substr(0, 13), "CANNOT_MERGE:");
  }
  void merge_and_expect_orders_whole() {
    pipeline_.merge();
    EXPECT_EQ(current("public.orders"), expected("public.orders"));
    EXPECT_EQ(table_named(pipeline_, "public.orders").state, metadata::TableState::kActive);
  }

 private:
  reference::Table current(const std::string& table) { return pipeline_.current(table, source_); }
  reference::Table expected(const std::string& table) const {
    return source_.fold(table, source_.everything());
  }

  std::string folder_ = std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/tests/corpus/a_seed/";
  reference::Reference source_ =
      reference::Reference::load(folder_ + "plain/events.jsonl.zst", folder_ + "catalog.json",
                                 folder_ + "plain/connector.json");
  PipelineUnderTest pipeline_{
      load_types(folder_ + "catalog.json", folder_ + "plain/connector.json")};
};

void rename_in_schemas(PipelineUnderTest& pipeline, const std::string& from,
                       const std::string& to) {
  metadata::Database store(pipeline.store_path(), metadata::Access::kReadWrite);
  const std::string sql =
      "UPDATE table_schema SET table_name = '" + to + "' WHERE table_name = '" + from + "'";
  EXPECT_THAT(store.run(sql.c_str()), testing::IsOk());
}

TEST(DamagedTableTest, IsStoppedAloneAndGoesOnOnceMended) {
  TwoTables tables;
  const OnlyCurrentFile file(tables.pipeline().fs(), "public.orders");
  const std::string whole = file.read();
  file.write("damaged");
  tables.merge_and_expect_orders_stopped_alone();
  file.write(whole);
  tables.merge_and_expect_orders_whole();
}

TEST(DamagedTableTest, IsStoppedAloneWhereItsSchemaIsDamaged) {
  TwoTables tables;
  rename_in_schemas(tables.pipeline(), "orders", "others");
  tables.merge_and_expect_orders_stopped_alone();
  rename_in_schemas(tables.pipeline(), "others", "orders");
  tables.merge_and_expect_orders_whole();
}

}  // namespace
}  // namespace cdclake::end_to_end
