#include "platform/logging/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace cdclake::logging {
namespace {

/// A clock that stands still at 2026-11-24 11:04:12.345678 UTC.
class StoppedClock final : public Clock {
 public:
  WallTime now() const override {
    return WallTime{std::chrono::microseconds{1'795'518'252'345'678}};
  }
  MonotonicTime monotonic() const override { return {}; }
};

class TempFolder {
 public:
  TempFolder() : path_(std::filesystem::temp_directory_path() / random_hex_id()) {}
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(path_ / name).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

LogLine line_of(std::string_view message) {
  return {.level = Level::kWarning, .job = "silver_merge", .run_id = "ab12", .message = message};
}

TEST(LogTest, PutsTheRunIdOnEveryLine) {
  const WallTime now = StoppedClock().now();
  EXPECT_EQ(file_form(line_of("hello"), now),
            "2026-11-24 11:04:12,345 | WARNING | run_id=ab12 hello");
  EXPECT_EQ(stderr_form(line_of("hello"), now, config::LogFormat::kText),
            "2026-11-24T11:04:12.345Z WARNING silver_merge   run_id=ab12 hello");
  EXPECT_EQ(
      stderr_form(line_of("a \"b\""), now, config::LogFormat::kJson),
      "{\"time\":\"2026-11-24T11:04:12.345678Z\",\"level\":\"WARNING\",\"job\":\"silver_merge\","
      "\"run_id\":\"ab12\",\"message\":\"a \\\"b\\\"\"}");
}

TEST(LogTest, KeepsAForgedNameOnOneLine) {
  const WallTime now = StoppedClock().now();
  for (const std::string& form : {file_form(line_of("t\n2026 | ERROR |"), now),
                                  stderr_form(line_of("t\n2026"), now, config::LogFormat::kText),
                                  stderr_form(line_of("t\n2026"), now, config::LogFormat::kJson)}) {
    EXPECT_EQ(form.find('\n'), std::string::npos) << form;
  }
}

TEST(LogTest, WritesAFileForEachRunWhereTheFirstVersionHadIt) {
  const TempFolder folder;
  const StoppedClock clock;
  const Log log({.base_path = folder.path()}, clock);
  log.run("bronze_write", RunId("ab12")).info("one");
  log.run("bronze_write", RunId("ab12")).info("two");
  log.run("silver_merge", RunId("cd34")).error("three");
  EXPECT_EQ(folder.read("cdc_writer/run_id=ab12.log"),
            "2026-11-24 11:04:12,345 | INFO | run_id=ab12 one\n"
            "2026-11-24 11:04:12,345 | INFO | run_id=ab12 two\n");
  EXPECT_EQ(folder.read("silver_merge/run_id=cd34.log"),
            "2026-11-24 11:04:12,345 | ERROR | run_id=cd34 three\n");
}

TEST(LogTest, KeepsOffStderrWhatItsReaderIsToldAnyway) {
  const TempFolder folder;
  const StoppedClock clock;
  testing::internal::CaptureStderr();
  const Log log({.base_path = folder.path()}, clock);
  log.run("silver_stage", RunId("ab12")).error("why it ended", Audience::kFileOnly);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_NE(folder.read("silver_stage/run_id=ab12.log").find("why it ended"), std::string::npos);
}

TEST(LogTest, GoesOnWhereTheFileCannotBeOpened) {
  const StoppedClock clock;
  const Log log({.base_path = "/proc/no/such/folder"}, clock);
  log.run("silver_stage", RunId("ab12")).info("still here");
}

TEST(LogTest, GoesOnWhereTheDiskIsFull) {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() + "/silver_stage");
  std::filesystem::create_symlink("/dev/full", folder.path() + "/silver_stage/run_id=ab12.log");
  const StoppedClock clock;
  const Log log({.base_path = folder.path()}, clock);
  const LineLog run = log.run("silver_stage", RunId("ab12"));
  run.info("lost in the file, seen on stderr");
  run.info("again");
}

TEST(LogTest, GoesOnWhereStderrIsClosed) {
  const TempFolder folder;
  const StoppedClock clock;
  const Log log({.base_path = folder.path()}, clock);
  const int kept = ::dup(STDERR_FILENO);
  ::close(STDERR_FILENO);
  log.run("silver_stage", RunId("ab12")).info("in the file");
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  EXPECT_NE(folder.read("silver_stage/run_id=ab12.log").find("in the file"), std::string::npos);
}

}  // namespace
}  // namespace cdclake::logging
