// Kills a process at every failpoint of every kind of commit, then starts the next one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "platform/commit/crash_workbench.h"
#include "testing/child_process.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using testing::Ending;
using testing::run_in_child;
using testing::TempFolder;
using testing::TempPlace;

constexpr std::array kFailpoints = {
    "commit.before_seal",    "commit.after_seal",       "commit.before_record",
    "commit.after_record",   "commit.after_aside",      "commit.after_rename",
    "commit.after_exchange", "commit.before_published", "commit.after_published",
};

class CrashTest : public ::testing::TestWithParam<Work> {};

Ending prepare(const TempFolder& folder, Work work) {
  return run_in_child("", [&] { return prepare_lake(folder.path(), work); });
}

Ending run(const std::string& failpoint, const TempFolder& folder, Work work) {
  return run_in_child(failpoint, [&] { return start_and_work(folder.path(), work); });
}

bool is_done_now(const TempFolder& folder, Work work) {
  return run_in_child("", [&] { return is_done(folder.path(), work); }) == Ending::kReturned;
}

void expect_no_line_twice(const Visible& visible) {
  EXPECT_EQ(std::ranges::adjacent_find(visible.lines), visible.lines.end());
}

/// The lake before and after undisturbed work.
struct Undisturbed {
  Visible before;
  Visible after;
};

Undisturbed undisturbed(Work work) {
  const TempFolder folder(TempPlace::kMemory);
  Undisturbed states;
  EXPECT_EQ(prepare(folder, work), Ending::kReturned);
  states.before = read_all(folder.path());
  EXPECT_EQ(run("", folder, work), Ending::kReturned);
  states.after = read_all(folder.path());
  EXPECT_NE(states.before, states.after);
  return states;
}

void expect_recovers(const TempFolder& folder, Work work, const Undisturbed& states) {
  expect_no_line_twice(read_all(folder.path()));
  ASSERT_EQ(run_in_child("", [&] { return start_only(folder.path(), work); }), Ending::kReturned);
  EXPECT_EQ(read_all(folder.path()), is_done_now(folder, work) ? states.after : states.before);
  EXPECT_EQ(hidden_files(folder.path()), 0U);
  ASSERT_EQ(run("", folder, work), Ending::kReturned);
  EXPECT_EQ(read_all(folder.path()), states.after);
  EXPECT_EQ(hidden_files(folder.path()), 0U);
}

TEST_P(CrashTest, LeavesTheLakeBeforeOrAfterWhereverTheProcessIsKilled) {
  const Undisturbed states = undisturbed(GetParam());
  int kills = 0;
  for (const char* failpoint : kFailpoints) {
    for (int hit = 1;; ++hit) {
      const std::string armed = std::string(failpoint) + ":" + std::to_string(hit);
      SCOPED_TRACE(armed);
      const TempFolder folder(TempPlace::kMemory);
      ASSERT_EQ(prepare(folder, GetParam()), Ending::kReturned);
      const Ending ending = run(armed, folder, GetParam());
      ASSERT_NE(ending, Ending::kFailed);
      if (ending == Ending::kReturned) break;
      ++kills;
      expect_recovers(folder, GetParam(), states);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GE(kills, 6);
}

TEST_P(CrashTest, RecoversFromACrashDuringRecovery) {
  const Undisturbed states = undisturbed(GetParam());
  for (const char* first :
       {"commit.after_record", "commit.after_rename", "commit.after_exchange"}) {
    for (const char* second : {"commit.after_aside", "commit.after_rename", "commit.after_exchange",
                               "commit.before_published", "commit.after_published"}) {
      SCOPED_TRACE(std::string(first) + ", then " + second);
      const TempFolder folder(TempPlace::kMemory);
      ASSERT_EQ(prepare(folder, GetParam()), Ending::kReturned);
      ASSERT_NE(run(first, folder, GetParam()), Ending::kFailed);
      ASSERT_NE(run(second, folder, GetParam()), Ending::kFailed);
      expect_recovers(folder, GetParam(), states);
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCommit, CrashTest,
                         ::testing::Values(Work::kBronze, Work::kCompaction, Work::kStage,
                                           Work::kMerge),
                         [](const auto& work) { return std::string(name_of(work.param)); });

}  // namespace
}  // namespace cdclake::commit
