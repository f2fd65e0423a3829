// Ends a process at every failpoint and at every file operation of every kind of commit, then
// starts the next one.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "platform/commit/crash_workbench.h"
#include "testing/child_process.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using testing::Ending;
using testing::run_in_child;
using testing::TempFolder;
using testing::TempPlace;

const std::vector<std::string> kFailpoints = {
    "commit.before_seal",    "commit.after_seal",       "commit.before_record",
    "commit.after_record",   "commit.after_aside",      "commit.after_rename",
    "commit.after_exchange", "commit.before_published", "commit.after_published",
    "commit.after_sweep",
};

/// Whether the work comes by the failpoint.
bool reaches(Work work, const std::string& failpoint) {
  if (work == Work::kSweep) return failpoint == "commit.after_sweep";
  if (failpoint == "commit.after_sweep") return false;
  const bool seals = work != Work::kExpiry;
  if (failpoint == "commit.before_seal" || failpoint == "commit.after_seal") return seals;
  const bool swaps_alone =
      work == Work::kCompaction || work == Work::kRewrite || work == Work::kExpiry;
  if (failpoint == "commit.after_rename") return !swaps_alone;
  const bool swaps = swaps_alone || work == Work::kMerge;
  return swaps || (failpoint != "commit.after_aside" && failpoint != "commit.after_exchange");
}

/// Whether the start after a kill at `first` comes by the failpoint.
bool recovery_reaches(Work work, const std::string& first, const std::string& failpoint) {
  // The only folder was exchanged, and is not built again.
  const bool has_one_folder =
      work == Work::kCompaction || work == Work::kRewrite || work == Work::kExpiry;
  if (has_one_folder && first == "commit.after_exchange" && failpoint == "commit.after_aside") {
    return false;
  }
  return reaches(work, failpoint);
}

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
  for (const std::string& failpoint : kFailpoints) {
    for (int hit = 1;; ++hit) {
      const std::string armed = failpoint + ":" + std::to_string(hit);
      SCOPED_TRACE(armed);
      const TempFolder folder(TempPlace::kMemory);
      ASSERT_EQ(prepare(folder, GetParam()), Ending::kReturned);
      const Ending ending = run(armed, folder, GetParam());
      ASSERT_NE(ending, Ending::kFailed);
      EXPECT_TRUE(hit > 1 || (ending == Ending::kKilled) == reaches(GetParam(), failpoint));
      if (ending == Ending::kReturned) break;
      expect_recovers(folder, GetParam(), states);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(CrashTest, RecoversFromACrashDuringRecovery) {
  const Undisturbed states = undisturbed(GetParam());
  for (const char* first : {"commit.after_record", "commit.after_rename", "commit.after_exchange",
                            "commit.after_sweep"}) {
    if (!reaches(GetParam(), first)) continue;
    for (const char* second :
         {"commit.after_aside", "commit.after_rename", "commit.after_exchange",
          "commit.before_published", "commit.after_published", "commit.after_sweep"}) {
      if (!recovery_reaches(GetParam(), first, second)) continue;
      SCOPED_TRACE(std::string(first) + ", then " + second);
      const TempFolder folder(TempPlace::kMemory);
      ASSERT_EQ(prepare(folder, GetParam()), Ending::kReturned);
      ASSERT_EQ(run(first, folder, GetParam()), Ending::kKilled);
      ASSERT_EQ(run_in_child(second, [&] { return start_only(folder.path(), GetParam()); }),
                Ending::kKilled);
      expect_recovers(folder, GetParam(), states);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(CrashTest, LeavesTheLakeBeforeOrAfterWhicheverFileOperationFails) {
  const Undisturbed states = undisturbed(GetParam());
  int fails_at = 0;
  for (Ending ending = Ending::kFailed; ending == Ending::kFailed;) {
    SCOPED_TRACE(++fails_at);
    const TempFolder folder(TempPlace::kMemory);
    ASSERT_EQ(prepare(folder, GetParam()), Ending::kReturned);
    ending =
        run_in_child("", [&] { return start_and_work_until(fails_at, folder.path(), GetParam()); });
    ASSERT_NE(ending, Ending::kKilled);
    expect_recovers(folder, GetParam(), states);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(fails_at, 3);
}

INSTANTIATE_TEST_SUITE_P(EveryCommit, CrashTest,
                         ::testing::Values(Work::kBronze, Work::kCompaction, Work::kStage,
                                           Work::kMerge, Work::kSweep, Work::kRewrite,
                                           Work::kExpiry),
                         [](const auto& work) { return std::string(name_of(work.param)); });

}  // namespace
}  // namespace cdclake::commit
