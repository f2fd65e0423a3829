#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace cdclake::terminal {

/// The one line at the bottom of a terminal that says how far the work is. Shows nothing in the
/// first second, nor where stderr is no terminal. Thread-safe.
class ProgressLine {
 public:
  using Write = std::function<void(std::string_view)>;
  enum class Device : std::uint8_t { kTerminal, kOther };

  /// `clock` must outlive the line. `write` puts bytes on stderr at once.
  ProgressLine(Device device, const Clock& clock, Write write);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows what `job` says of itself, beside what other jobs said last; ten times a second at most.
  void show(std::string_view job, std::string_view text);
  /// Takes the line away, so that another line can be written; the next `show` brings it back.
  void clear();

 private:
  void draw();

  const Device device_;
  const Clock& clock_;
  const Write write_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> texts_;  ///< By job, in order of appearance.
  MonotonicTime begin_;
  MonotonicTime next_draw_;
  bool is_drawn_ = false;
};

}  // namespace cdclake::terminal
