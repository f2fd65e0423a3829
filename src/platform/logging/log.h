#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "platform/config/config.h"

namespace cdclake::logging {

enum class Level : std::uint8_t { kInfo, kWarning, kError };

/// What one line is about.
struct LogLine {
  Level level = Level::kInfo;
  std::string_view job;      ///< `silver_merge`; empty: the program.
  std::string_view run_id;   ///< Empty where no run is open.
  std::string_view message;  ///< Control characters are escaped. Never a row value or a secret.
};

/// A line on stderr, without its end: for people, or one JSON object.
std::string stderr_form(const LogLine& line, WallTime time, config::LogFormat format);
/// A line in a run's file: `2026-11-24 11:04:12,345 | INFO | run_id=… message`, in UTC.
std::string file_form(const LogLine& line, WallTime time);

/// Who gets a line: whoever is told anyway need not read it twice on stderr.
enum class Audience : std::uint8_t { kEverybody, kFileOnly };

/// Takes the lines of one run, or of the program. Copies write to the same places. Thread-safe.
class LineLog {
 public:
  using Write = std::function<void(Level, Audience, std::string_view message)>;
  explicit LineLog(Write write) : write_(std::move(write)) {}

  void info(std::string_view message) const { write_(Level::kInfo, Audience::kEverybody, message); }
  void warning(std::string_view message, Audience audience = Audience::kEverybody) const {
    write_(Level::kWarning, audience, message);
  }
  void error(std::string_view message, Audience audience = Audience::kEverybody) const {
    write_(Level::kError, audience, message);
  }

 private:
  Write write_;
};

/// The program's log. Thread-safe. A full disk, a folder without permission or a closed stderr
/// costs lines and nothing else: no call fails. What cannot go to a file is still on stderr.
class Log {
 public:
  /// Called before each line on stderr, so that a progress line can make room for it.
  using BeforeLine = std::function<void()>;

  /// `clock` must outlive the log and every line log.
  Log(const config::LogConfig& config, const Clock& clock, BeforeLine before_line = {});
  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  /// Lines of the program itself, on stderr.
  LineLog program() const;
  /// Lines of a job that has no run (yet), on stderr.
  LineLog job(std::string_view name) const;
  /// Lines of one run: on stderr, and appended to `<LOG_BASE_PATH>/<folder>/run_id=<id>.log`,
  /// where the folder is `log_folder(job)`.
  LineLog run(std::string_view job, const RunId& run) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folder of a job's files: the first version's names `cdc_writer` and `bronze_compactor`;
/// other jobs have their own.
std::string_view log_folder(std::string_view job);

}  // namespace cdclake::logging
