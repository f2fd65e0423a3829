#include "app/terminal/progress_line.h"

#include <algorithm>

#include "platform/config/printable.h"

namespace cdclake::terminal {
namespace {

constexpr std::chrono::milliseconds kQuietAtFirst{1000};
constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(Device device, const Clock& clock, Write write)
    : device_(device),
      clock_(clock),
      write_(std::move(write)),
      begin_(clock.monotonic()),
      next_draw_(begin_ + kQuietAtFirst) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(std::string_view job, std::string_view text) {
  if (device_ != Device::kTerminal) return;
  const std::scoped_lock lock(mutex_);
  auto found = std::find_if(texts_.begin(), texts_.end(),
                            [&](const auto& entry) { return entry.first == job; });
  if (found == texts_.end()) found = texts_.insert(texts_.end(), {std::string(job), {}});
  found->second = text;
  if (clock_.monotonic() >= next_draw_) draw();
}

void ProgressLine::clear() {
  const std::scoped_lock lock(mutex_);
  if (is_drawn_) write_(kEraseLine);
  is_drawn_ = false;
}

void ProgressLine::draw() {
  std::string line(kEraseLine);
  for (const auto& [job, text] : texts_) {
    if (&job != &texts_.front().first) line += "   ";
    line += config::printable(job) + " " + config::printable(text);
  }
  write_(line);
  is_drawn_ = true;
  next_draw_ = clock_.monotonic() + kBetweenDraws;
}

}  // namespace cdclake::terminal
