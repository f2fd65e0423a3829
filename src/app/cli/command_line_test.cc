#include "app/cli/command_line.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/cli/version.h"
#include "testing/temp_folder.h"

namespace cdclake::cli {
namespace {

struct Heard {
  ExitCode code = ExitCode::kDone;
  std::string out;
  std::string err;
};

Heard call(const std::vector<std::string>& words,
           const std::map<std::string, std::string>& environment = {}) {
  Heard heard;
  const Speech speech{.out = [&](std::string_view text) { heard.out += text; },
                      .err = [&](std::string_view text) { heard.err += text; }};
  heard.code = run_command_line(words, environment, speech);
  return heard;
}

const std::string kExistingFile = "/proc/self/status";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CommandLineTest, PrintsItsVersion) {
  const Heard heard = call({"--version"});
  EXPECT_EQ(heard.code, ExitCode::kDone);
  EXPECT_EQ(heard.out, "cdclake " + std::string(version()) + "\n");
}

TEST(CommandLineTest, ExplainsEveryCommandWithExamples) {
  for (const Command& command : all_commands()) {
    std::vector<std::string> words;
    if (!command.group.empty()) words.emplace_back(command.group);
    words.emplace_back(command.name);
    words.emplace_back("--help");
    const Heard heard = call(words);
    EXPECT_EQ(heard.code, ExitCode::kDone) << command.name;
    EXPECT_TRUE(holds(heard.out, "Examples:\n  cdclake ")) << heard.out;
    EXPECT_TRUE(holds(heard.out, command.summary)) << heard.out;
    for (const CommandOption& option : command.options)
      EXPECT_TRUE(holds(heard.out, option.help.substr(0, 20)));
  }
}

TEST(CommandLineTest, SaysHowToBeginWhereNoCommandIsGiven) {
  const Heard heard = call({});
  EXPECT_EQ(heard.code, ExitCode::kUsage);
  EXPECT_TRUE(holds(heard.err, "cdclake run --once --input")) << heard.err;
  EXPECT_TRUE(holds(call({"silver"}).err, "merge"));
}

TEST(CommandLineTest, SuggestsTheFlagOrCommandThatWasMeant) {
  const Heard flag = call({"config", "show", "--topcis", "a"});
  EXPECT_EQ(flag.code, ExitCode::kUsage);
  EXPECT_TRUE(holds(flag.err, "unknown flag --topcis; did you mean --topics?")) << flag.err;
  EXPECT_TRUE(holds(flag.err, "cdclake config show --help")) << flag.err;
  const Heard required = call({"path", "--tabel", "x"});
  EXPECT_TRUE(holds(required.err, "unknown flag --tabel; did you mean --table?")) << required.err;
  EXPECT_TRUE(holds(call({"stauts"}).err, "did you mean status?"));
  EXPECT_TRUE(holds(call({"silver", "marge"}).err, "did you mean merge?"));
  EXPECT_EQ(call({"status", "extra"}).code, ExitCode::kUsage);
}

TEST(CommandLineTest, RefusesWhatStandsBeforeTheCommand) {
  const Heard once = call({"--once", "run", "--input", "/nowhere/a.jsonl"});
  EXPECT_EQ(once.code, ExitCode::kUsage);
  EXPECT_TRUE(holds(once.err, "--once stands before the command: flags come after it")) << once.err;
  EXPECT_TRUE(holds(once.err, "cdclake run --help")) << once.err;
  EXPECT_EQ(call({"--bogus", "config", "check", "--input", "a"}).code, ExitCode::kUsage);
  EXPECT_EQ(call({"--env-file", "x", "config", "check", "--input", "a"}).code, ExitCode::kUsage);
  EXPECT_EQ(call({"config", "--json", "check", "--input", "a"}).code, ExitCode::kUsage);
  EXPECT_TRUE(holds(call({"stauts", "run"}).err, "did you mean status?"));
}

TEST(CommandLineTest, ShowsOnlyItsOwnExamplesForAGroup) {
  const Heard heard = call({"bronze", "--help"});
  EXPECT_EQ(heard.code, ExitCode::kDone);
  EXPECT_TRUE(holds(heard.out, "  cdclake bronze compact")) << heard.out;
  EXPECT_FALSE(holds(heard.out, "cdclake path")) << heard.out;
}

TEST(CommandLineTest, ExplainsStatesLagAndExitCodesWhereTheyAreMet) {
  const std::string status = call({"status", "--help"}).out;
  for (const char* word : {"lag", "exact", "inexact", "held back", "refused", "stopped"}) {
    EXPECT_TRUE(holds(status, word)) << word;
  }
  EXPECT_TRUE(holds(status, "Exit codes: 0")) << status;
  EXPECT_TRUE(holds(call({"run", "--help"}).out, "Exit codes: 0"));
}

TEST(CommandLineTest, RefusesAFlagWithoutItsValue) {
  EXPECT_EQ(call({"config", "show", "--topics"}).code, ExitCode::kUsage);
  EXPECT_EQ(call({"path"}).code, ExitCode::kUsage);
}

TEST(CommandLineTest, ShowsSettingsWithTheirOrigin) {
  const Heard heard = call({"config", "show", "--topics", "a,b", "--kafka", "fetch.min.bytes=1"},
                           {{"BATCH_SIZE", "7"}, {"SOURCE_DB_PASSWORD", "hunter2"}});
  EXPECT_EQ(heard.code, ExitCode::kDone) << heard.err;
  EXPECT_TRUE(holds(heard.out, "a,b")) << heard.out;
  EXPECT_TRUE(holds(heard.out, "Kafka option fetch.min.bytes")) << heard.out;
  EXPECT_FALSE(holds(heard.out + heard.err, "hunter2"));
}

TEST(CommandLineTest, ChecksTheConfigurationAndNamesEveryFault) {
  EXPECT_EQ(call({"config", "check", "--input", kExistingFile}).code, ExitCode::kDone);
  const Heard heard = call({"config", "check"}, {{"BATCH_SIZE", "x"}, {"CDCLAKE_NOPE", "1"}});
  EXPECT_EQ(heard.code, ExitCode::kUsage);
  for (const char* part : {"TOPICS", "BATCH_SIZE", "CDCLAKE_NOPE"}) {
    EXPECT_TRUE(holds(heard.err, part)) << heard.err;
  }
}

TEST(CommandLineTest, ChecksRecordingsWhateverElseIsWrong) {
  const Heard heard = call({"config", "check", "--input", "nowhere.jsonl", "--json"},
                           {{"BATCH_SIZE", "0"}, {"CDCLAKE_INCARNATION", "a b"}});
  EXPECT_EQ(heard.code, ExitCode::kUsage);
  for (const char* part : {"BATCH_SIZE", "CDCLAKE_INCARNATION", "--input", "nowhere.jsonl"}) {
    EXPECT_TRUE(holds(heard.out, part)) << heard.out;
  }
  EXPECT_FALSE(holds(heard.out, R"("key":"")")) << heard.out;
}

TEST(CommandLineTest, ChecksTheFilesThatTypesComeFrom) {
  const Heard heard = call({"config", "check", "--input", kExistingFile, "--catalog",
                            "/nowhere/c.json", "--connector-config", "/nowhere/d.json"});
  EXPECT_EQ(heard.code, ExitCode::kUsage);
  EXPECT_TRUE(holds(heard.err, "/nowhere/c.json")) << heard.err;
  EXPECT_TRUE(holds(heard.err, "/nowhere/d.json")) << heard.err;
  EXPECT_TRUE(holds(call({"config", "check", "--topics", "^("}).err, "TOPICS"));
}

TEST(CommandLineTest, TakesOnlyAConnectorsConfigurationForOne) {
  const testing::TempFolder folder;
  const std::string path = folder / "connector.json";
  const auto check = [&](const std::string& text) {
    std::ofstream(path) << text;
    return call({"config", "check", "--input", folder / "a.jsonl", "--connector-config", path});
  };
  std::ofstream(folder / "a.jsonl") << "";
  const std::string postgres =
      R"({"connector.class":"io.debezium.connector.postgresql.PostgresConnector"})";
  EXPECT_EQ(check(postgres).code, ExitCode::kDone);
  EXPECT_EQ(check(R"({"name":"shop","config":)" + postgres + "}").code, ExitCode::kDone);
  for (const char* other :
       {"{}", R"({"version":"4.3.1","commit":"0"})",
        R"({"connector.class":"io.debezium.connector.mysql.MySqlConnector"})"}) {
    const Heard heard = check(other);
    EXPECT_EQ(heard.code, ExitCode::kUsage) << other;
    EXPECT_TRUE(holds(heard.err, "/connectors/NAME/config")) << heard.err;
  }
}

TEST(CommandLineTest, IsDocumentedCommandByCommand) {
  const char* root = std::getenv("CDCLAKE_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "set CDCLAKE_SOURCE_DIR to the root of the sources";
  std::stringstream text;
  text << std::ifstream(std::string(root) + "/docs/cli.md").rdbuf();
  for (const Command& command : all_commands()) {
    const std::string group = command.group.empty() ? "" : std::string(command.group) + " ";
    const std::string name = "| `cdclake " + group + std::string(command.name) + "` |";
    EXPECT_TRUE(holds(text.str(), name)) << name;
    for (const CommandOption& option : command.options) EXPECT_TRUE(holds(text.str(), option.name));
  }
}

TEST(CommandLineTest, TakesSeveralInputsAfterOneFlag) {
  EXPECT_EQ(call({"config", "check", "--input", kExistingFile, kExistingFile, "--json"}).out,
            "[]\n");
}

TEST(CommandLineTest, SaysThatThereIsNoStoreYet) {
  for (const char* command : {"status", "path"}) {
    std::vector<std::string> words = {command, "--metadata-db", "/nowhere/x.sqlite"};
    if (words[0] == "path") words.insert(words.end(), {"--table", "public.users"});
    const Heard heard = call(words);
    EXPECT_EQ(heard.code, ExitCode::kUsage);
    EXPECT_TRUE(holds(heard.err, "METADATA_DB=/nowhere/x.sqlite")) << heard.err;
  }
}

}  // namespace
}  // namespace cdclake::cli
