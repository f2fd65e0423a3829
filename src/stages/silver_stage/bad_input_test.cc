#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/matchers.h"

/// What records get that cannot become rows, and names that want out of the lake.
namespace cdclake::silver_stage {
namespace {

using testing::FakeRecord;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto place = text.find(what);
  return text.replace(place, what.size(), with);
}

struct BadInput {
  std::string name;
  std::string value;
  std::string reason;
  std::string folder = "public.users";
};

std::vector<BadInput> bad_inputs() {
  const std::string good = json_of({});
  const std::string deep = std::string(70, '[') + std::string(70, ']');
  return {
      {"NotJson", "hello", "JSON_PARSE", "_unknown"},
      {"Empty", "", "JSON_PARSE", "_unknown"},
      {"NotUtf8", replaced(good, "\"a\"", "\"\xff\""), "NOT_UTF8", "_unknown"},
      {"Truncated", good.substr(0, good.size() / 2), "JSON_PARSE", "_unknown"},
      {"WrongType", replaced(good, "\"id\":1", "\"id\":true"), "VALUE_TYPE"},
      {"MissingOp", replaced(good, "\"op\":\"c\",", ""), "MISSING_OP"},
      {"MissingSource", replaced(good, "\"source\"", "\"sauce\""), "MISSING_SOURCE", "_unknown"},
      {"UnknownOp", replaced(good, "\"op\":\"c\"", "\"op\":\"x\""), "UNKNOWN_OP"},
      {"TooDeep", replaced(good, "\"a\"", deep), "TOO_DEEP", "_unknown"},
      {"FiftyMegabytes", std::string(50 << 20, 'x'), "JSON_PARSE", "_unknown"},
      {"Truncate", replaced(good, "\"op\":\"c\"", "\"op\":\"t\""), "TRUNCATE_UNSUPPORTED"},
  };
}

class BadInputTest : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadInputTest, GoesToTheQuarantineWhileAllElseGoesOn) {
  const BadInput& bad = GetParam();
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = json_of({})},
              {.offset = 1, .value = bad.value},
              {.offset = 2, .value = json_of({})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_EQ(report.counts.quarantined, (Counts{{bad.reason, 1}}));
  const auto lines = bench.quarantine(bad.folder);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines.front().substr(0, 300), HasSubstr("\"reason\":\"" + bad.reason + "\""));
  EXPECT_THAT(lines.front().substr(0, 600), HasSubstr("\"partition\":0,\"offset\":1,"));
  EXPECT_GE(lines.front().size(), bad.value.size());
  const auto flaws = bench.store().flaws();
  ASSERT_THAT(flaws, IsOk());
  ASSERT_EQ(flaws->size(), 1U) << "the table is inexact";
  EXPECT_EQ(flaws->front().table, bench.table("users")->key);
  EXPECT_EQ(flaws->front().offset, 1);
  bench.expect_all_counted();
}

INSTANTIATE_TEST_SUITE_P(Each, BadInputTest, ::testing::ValuesIn(bad_inputs()),
                         [](const auto& input) { return input.param.name; });

TEST(BadInputTest, MarksTheTableInexactAlsoWhereItIsNamedOnlyLater) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = "hello"}, {.offset = 1, .value = json_of({})}});
  bench.stage();
  const auto flaws = bench.store().flaws();
  ASSERT_THAT(flaws, IsOk());
  ASSERT_EQ(flaws->size(), 1U);
  EXPECT_EQ(flaws->front().table, bench.table("users")->key);
}

TEST(BadInputTest, KeepsAllBytesOfARejectedRecord) {
  StageWorkbench bench;
  bench.land({{.key = "\xfe", .value = "\xff\n", .headers = {{"h", std::nullopt}}}});
  bench.stage();
  const auto lines = bench.quarantine("_unknown");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines.front(), HasSubstr(R"("key_base64":"/g==","value_base64":"/wo=",)"
                                       R"("headers":[{"key":"h","value":null}])"));
}

TEST(BadInputTest, EndsABatchAtABoundOfQuarantinedRecords) {
  StageWorkbench bench;
  bench.use_limits({.quarantined_max = 2});
  int commits = 0;
  bench.on_progress([&](const StageProgress&) { ++commits; });
  std::vector<FakeRecord> records;
  for (int i = 0; i < 5; ++i) records.push_back({.offset = i, .value = "x"});
  bench.land(records);
  EXPECT_EQ(bench.stage().counts.quarantined, (Counts{{"JSON_PARSE", 5}}));
  EXPECT_EQ(commits, 3);
}

// 63 characters of four bytes, the longest name that PostgreSQL takes and more.
std::string unicode_name() {
  std::string name;
  for (int i = 0; i < 63; ++i) name += "\xf0\x9f\x98\x80";
  return name;
}

TEST(HostileNameTest, StaysInsideTheLakeAndCollidesWithNoOther) {
  const std::vector<std::string> names = {"../x",
                                          "a/b",
                                          "a%2Fb",
                                          "..",
                                          ".",
                                          "a.b",
                                          "A",
                                          "a",
                                          "_unknown",
                                          "a\\b",
                                          " ",
                                          unicode_name(),
                                          std::string(10'000, 'n'),
                                          std::string(10'000, 'n') + "m"};
  StageWorkbench bench;
  std::string catalog;
  std::vector<FakeRecord> records;
  for (const std::string& name : names) {
    std::string quoted = name;
    for (std::size_t i = 0; (i = quoted.find('\\', i)) != std::string::npos; i += 2) {
      quoted.insert(i, "\\");
    }
    catalog += (catalog.empty() ? "[" : ",") +
               replaced(std::string(kUsersCatalog).substr(1, std::string(kUsersCatalog).size() - 2),
                        "users", quoted);
    records.push_back(
        {.topic = "t" + std::to_string(records.size()), .value = json_of({.table = name})});
  }
  bench.use_types(catalog + "]");
  bench.land(records);
  EXPECT_EQ(bench.stage().counts.rows, static_cast<std::int64_t>(names.size()));
  std::set<std::string> folders;
  for (const std::string& file : bench.silver_files("stage_events")) {
    EXPECT_THAT(file, Not(HasSubstr("/../")));
    folders.insert(file.substr(0, file.find("/event_date=")));
  }
  EXPECT_EQ(folders.size(), names.size());
  for (const auto& entry : std::filesystem::directory_iterator(bench.lake().folder().path())) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::AnyOf("bronze", "silver", "metadata"));
  }
}

}  // namespace
}  // namespace cdclake::silver_stage
