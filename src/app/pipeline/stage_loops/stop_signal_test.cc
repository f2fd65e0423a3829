#include "app/pipeline/stage_loops/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "app/pipeline/stage_loops/stage_loop.h"

namespace cdclake::pipeline {
namespace {

TEST(StopSignalTest, TurnsEitherSignalIntoAStopRequest) {
  for (const int signal_number : {SIGTERM, SIGINT}) {
    auto signal = StopSignal::watch();
    ASSERT_TRUE(signal.has_value());
    EXPECT_FALSE(signal->source().stop_requested());
    ::kill(::getpid(), signal_number);
    wait_for(std::chrono::seconds(10), signal->source().get_token());
    EXPECT_TRUE(signal->source().stop_requested());
  }
}

TEST(StopSignalTest, EndsAtOnceOnTheSecondSignal) {
  EXPECT_EXIT(
      {
        auto signal = StopSignal::watch();
        ::kill(::getpid(), SIGTERM);
        wait_for(std::chrono::seconds(10), signal->source().get_token());
        ::kill(::getpid(), SIGTERM);
        ::sleep(10);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace cdclake::pipeline
