#include "app/pipeline/stage_loops/stage_loop.h"

#include <gtest/gtest.h>

namespace cdclake::pipeline {
namespace {

/// A stage that does what its script says, one result a round.
struct ScriptedStage {
  std::vector<Result<Round>> rounds;
  Result<Round> finish_result;
  std::stop_source stop;
  Reopening reopening = Reopening::kReadsAgain;
  bool owes_nothing = false;
  Status open_result{};
  int opened = 0;
  int finished = 0;
  std::size_t next = 0;

  StagePlan plan() {
    return {.job = "silver_stage",
            .idle_wait = std::chrono::milliseconds(0),
            .reopening = reopening,
            .open = [this] { return open(); },
            .round = [this](const std::stop_token&) { return take(); },
            .owes_nothing = [this] { return owes_nothing; },
            .finish = [this] { return ++finished, finish_result; }};
  }

 private:
  Status open() {
    ++opened;
    if (!open_result) stop.request_stop();
    return open_result;
  }

  Result<Round> take() {
    if (next + 1 == rounds.size()) stop.request_stop();
    return rounds[next++];
  }
};

class LoopTest : public testing::Test {
 protected:
  Status drive_it(Mode mode) {
    return drive(stage_.plan(), mode, stage_.stop.get_token(), {.log = &log_, .progress = {}});
  }

  SystemClock clock_;
  logging::Log log_{{.base_path = "/dev/null"}, clock_};
  ScriptedStage stage_;
};

Round working() { return {.run = {}, .did_work = true}; }
Round ended() { return {.run = {}, .did_work = true, .at_end = true}; }

TEST_F(LoopTest, EndsASinglePassAtItsEndAndFinishesOnce) {
  stage_.rounds = {working(), ended(), working()};
  EXPECT_TRUE(drive_it(Mode::kOnce).has_value());
  EXPECT_EQ(stage_.next, 2U);
  EXPECT_EQ(stage_.finished, 1);
}

TEST_F(LoopTest, GoesOnPastAnEndUntilItIsStoppedAndThenFinishes) {
  stage_.rounds = {ended(), ended(), ended()};
  EXPECT_TRUE(drive_it(Mode::kKeepGoing).has_value());
  EXPECT_EQ(stage_.next, 3U);
  EXPECT_EQ(stage_.finished, 1);
}

TEST_F(LoopTest, OpensTheStageAnewAfterAnErrorThatMayPass) {
  stage_.rounds = {working(), fail(ErrorKind::kUnavailable, "broker away"), working()};
  EXPECT_TRUE(drive_it(Mode::kKeepGoing).has_value());
  EXPECT_EQ(stage_.opened, 2);
  EXPECT_EQ(stage_.finished, 1);
}

TEST_F(LoopTest, NeverOpensAnewWhatCannotBeReadAgain) {
  stage_.reopening = Reopening::kLosesInput;
  stage_.rounds = {working(), fail(ErrorKind::kUnavailable, "disk full"), working()};
  EXPECT_EQ(drive_it(Mode::kKeepGoing).error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(stage_.opened, 1);
}

TEST_F(LoopTest, SaysWhatFailedWhereItIsStoppedWithRecordsThatItCouldNotCommit) {
  stage_.rounds = {working(), fail(ErrorKind::kUnavailable, "disk full")};  // The last one stops.
  const Status status = drive_it(Mode::kKeepGoing);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "disk full");
  EXPECT_EQ(stage_.finished, 0);
}

TEST_F(LoopTest, EndsWellWhereItIsStoppedWithNothingToCommit) {
  stage_.owes_nothing = true;
  stage_.rounds = {working(), fail(ErrorKind::kUnavailable, "broker away")};  // The last one stops.
  EXPECT_TRUE(drive_it(Mode::kKeepGoing).has_value());
}

TEST_F(LoopTest, EndsWellWhereItIsStoppedBeforeItCouldRead) {
  stage_.open_result = fail(ErrorKind::kUnavailable, "broker away");  // And stops.
  EXPECT_TRUE(drive_it(Mode::kKeepGoing).has_value());
  EXPECT_EQ(stage_.opened, 1);
}

TEST_F(LoopTest, ReturnsAnErrorThatNoWaitingMends) {
  stage_.rounds = {working(), fail(ErrorKind::kCorrupt, "damaged"), working()};
  const Status status = drive_it(Mode::kKeepGoing);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(stage_.finished, 0);
}

TEST_F(LoopTest, ReturnsTheFirstErrorOfASinglePass) {
  stage_.rounds = {fail(ErrorKind::kUnavailable, "broker away"), working()};
  EXPECT_EQ(drive_it(Mode::kOnce).error().kind, ErrorKind::kUnavailable);
}

TEST_F(LoopTest, SaysSoWhenTheLastCommitFails) {
  stage_.rounds = {ended(), working()};
  stage_.finish_result = fail(ErrorKind::kConflict, "fenced");
  EXPECT_EQ(drive_it(Mode::kOnce).error().kind, ErrorKind::kConflict);
}

}  // namespace
}  // namespace cdclake::pipeline
