#include "stages/silver_stage/schema_files.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/sha256.h"
#include "stages/silver_stage/stage_workbench.h"

namespace cdclake::silver_stage {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> schema_files(StageWorkbench& bench) {
  std::vector<std::string> files;
  const std::filesystem::path folder =
      bench.lake().fs().absolute({lake::Root::kBronze, "_schemas"});
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path().string());
  }
  return files;
}

std::string text_of(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(SchemaFilesTest, KeepsASchemaFromOutsideOnceWithTheFirstRecordThatItTyped) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog,
                  R"({"time.precision.mode":"connect","database.password":"secret"})");
  bench.land({{.offset = 7, .value = json_of({})}, {.offset = 8, .value = json_of({})}});
  bench.stage();
  bench.land({{.offset = 9, .value = json_of({})}});
  bench.stage();
  const auto files = schema_files(bench);
  ASSERT_EQ(files.size(), 1U);
  const std::string text = text_of(files.front());
  EXPECT_THAT(text, HasSubstr(R"("table":"users")"));
  EXPECT_THAT(text, HasSubstr(R"("time.precision.mode":"connect")"));
  EXPECT_THAT(text, HasSubstr(R"("decimal.handling.mode":"precise")"));
  EXPECT_THAT(text, HasSubstr(R"("integer")"));
  EXPECT_THAT(text, HasSubstr(R"("holds_from":{"topic":"shop.public.users",)"
                              R"("incarnation":"recorded:1","partition":0,"offset":7})"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("secret")));
}

TEST(SchemaFilesTest, AreNamedByWhatTheySay) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({})}});
  bench.stage();
  const auto files = schema_files(bench);
  ASSERT_EQ(files.size(), 1U);
  const std::string text = text_of(files.front());
  const std::string said = text.substr(1, text.find(",\n\"holds_from\"") - 1);
  EXPECT_THAT(files.front(), HasSubstr("/" + sha256_hex(said) + ".json"));
}

TEST(SchemaFilesTest, TellOtherSettingsApart) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = json_of({})}});
  bench.stage();
  bench.use_types(kUsersCatalog, R"({"signal.data.collection":"public.signals"})");
  bench.land({{.offset = 1, .value = json_of({})}});
  bench.stage();
  EXPECT_EQ(schema_files(bench).size(), 2U);
}

TEST(SchemaFilesTest, AreNotNeededWhereMessagesSayTheirTypes) {
  StageWorkbench bench;
  bench.land_recording("a_seed/schema/events.jsonl.zst");
  EXPECT_EQ(bench.stage().counts.rows, 29);
  EXPECT_THAT(schema_files(bench), IsEmpty());
}

}  // namespace
}  // namespace cdclake::silver_stage
