#include "platform/logging/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace cdclake::logging {
namespace {

// Our lines arrive whole: the libraries add nothing but the line's end.
constexpr const char* kPattern = "%v";

// Whether the line was written.
bool put(spdlog::sinks::sink& sink, const std::string& line) noexcept {
  try {
    sink.log(spdlog::details::log_msg("", spdlog::level::info, line));
    sink.flush();
    return true;
  } catch (const std::exception&) {
    return false;  // A full disk or a closed stream costs this line. The pipeline goes on.
  }
}

// The sink of a run's file; null where it cannot be opened, and then `problem` says why.
spdlog::sink_ptr open_file(const std::string& path, std::string& problem) noexcept {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern(kPattern);
    return sink;
  } catch (const std::exception& error) {
    problem = error.what();
    return nullptr;
  }
}

// Where the lines of one job or run go, and under which names.
struct Destination {
  spdlog::sink_ptr terminal;
  spdlog::sink_ptr file;
  std::string job;
  std::string run_id;
  config::LogFormat format;
  const Clock* clock;
  Log::BeforeLine before_line;

  void write(Level level, Audience audience, std::string_view message) const {
    const LogLine line{.level = level, .job = job, .run_id = run_id, .message = message};
    const WallTime now = clock->now();
    if (audience == Audience::kEverybody) {
      if (before_line) before_line();
      put(*terminal, stderr_form(line, now, format));
    }
    if (file != nullptr) put(*file, file_form(line, now));
  }
};

}  // namespace

class Log::Impl {
 public:
  Impl(const config::LogConfig& config, const Clock& clock, BeforeLine before_line)
      : config_(config),
        clock_(clock),
        before_line_(std::move(before_line)),
        terminal_(std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    terminal_->set_pattern(kPattern);
  }

  LineLog line_log(std::string_view job, const RunId& run, spdlog::sink_ptr file) const {
    Destination destination{.terminal = terminal_,
                            .file = std::move(file),
                            .job = std::string(job),
                            .run_id = run.value,
                            .format = config_.format,
                            .clock = &clock_,
                            .before_line = before_line_};
    return LineLog(
        [to = std::move(destination)](Level level, Audience audience, std::string_view message) {
          to.write(level, audience, message);
        });
  }

  LineLog open_run(std::string_view job, const RunId& run) const {
    const std::string path =
        config_.base_path + "/" + std::string(log_folder(job)) + "/run_id=" + run.value + ".log";
    std::string problem;
    LineLog log = line_log(job, run, open_file(path, problem));
    if (!problem.empty()) log.warning("this run has no log file: " + problem);
    return log;
  }

 private:
  config::LogConfig config_;
  const Clock& clock_;
  BeforeLine before_line_;
  spdlog::sink_ptr terminal_;
};

Log::Log(const config::LogConfig& config, const Clock& clock, BeforeLine before_line)
    : impl_(std::make_unique<Impl>(config, clock, std::move(before_line))) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

LineLog Log::program() const { return impl_->line_log({}, {}, nullptr); }
LineLog Log::job(std::string_view name) const { return impl_->line_log(name, {}, nullptr); }
LineLog Log::run(std::string_view job, const RunId& run) const { return impl_->open_run(job, run); }

}  // namespace cdclake::logging
