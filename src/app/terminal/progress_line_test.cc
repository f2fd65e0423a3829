#include "app/terminal/progress_line.h"

#include <gtest/gtest.h>

namespace cdclake::terminal {
namespace {

class HandClock final : public Clock {
 public:
  WallTime now() const override { return {}; }
  MonotonicTime monotonic() const override { return time; }
  MonotonicTime time;
};

TEST(ProgressLineTest, StaysQuietInTheFirstSecondAndOffATerminal) {
  HandClock clock;
  std::string out;
  const auto write = [&](std::string_view text) { out += text; };
  {
    ProgressLine terminal(ProgressLine::Device::kTerminal, clock, write);
    ProgressLine other(ProgressLine::Device::kOther, clock, write);
    terminal.show("write", "1");
    EXPECT_EQ(out, "");
    clock.time += std::chrono::seconds(2);
    other.show("write", "1");
    EXPECT_EQ(out, "");
    terminal.show("write", "2");
    terminal.show("write", "3");
    EXPECT_EQ(out, "\r\x1b[Kwrite 2");
  }
  EXPECT_EQ(out, "\r\x1b[Kwrite 2\r\x1b[K");
}

}  // namespace
}  // namespace cdclake::terminal
