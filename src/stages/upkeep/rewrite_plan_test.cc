#include "stages/upkeep/rewrite_plan.h"

#include <gtest/gtest.h>

#include <string>

namespace cdclake::upkeep {
namespace {

constexpr RewriteLimits kLimits{.small_bytes = 100,
                                .target_bytes = 200,
                                .files_max = 10,
                                .files_min = 3,
                                .quiet = std::chrono::hours(1)};
const WallTime kNoon{std::chrono::hours(24 * 20'000 + 12)};  // Of 2024-10-04.

/// A day whose files have these sizes, all merged and staged at noon.
metadata::StageDay day_of(const std::string& date, const std::vector<std::int64_t>& sizes) {
  metadata::StageDay day;
  day.event_date = date;
  for (const std::int64_t size : sizes) {
    metadata::RewritableFile file;
    file.file.id = FileId(std::to_string(day.files.size()));
    file.bytes = size;
    file.is_merged = true;
    file.staged_us = kNoon.time_since_epoch().count();
    day.files.push_back(file);
  }
  return day;
}

/// The places of the files that become one, a text each.
std::vector<std::string> plan(const metadata::StageDay& day, WallTime now = kNoon) {
  std::vector<std::string> texts;
  for (const Rewrite& files : plan_rewrites(day, kLimits, now)) {
    std::string text;
    for (const auto& file : files) text += file.file.id.value;
    texts.push_back(text);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(RewritePlanTest, PutsAllOfAQuietDayTogether) {
  EXPECT_EQ(plan(day_of("2024-10-03", {90, 1}), kNoon + std::chrono::hours(1)), Texts({"01"}));
}

TEST(RewritePlanTest, WaitsForMoreWhileRowsStillCome) {
  EXPECT_EQ(plan(day_of("2024-10-04", {5, 5})), Texts());
  EXPECT_EQ(plan(day_of("2024-10-03", {5, 5})), Texts()) << "over, and rows came just now";
  EXPECT_EQ(plan(day_of("2024-10-04", {5, 5, 5})), Texts({"012"}));
}

TEST(RewritePlanTest, LeavesALargerFileUntilOthersAddUpToAsMuch) {
  EXPECT_EQ(plan(day_of("2024-10-04", {50, 5, 5, 5})), Texts({"123"}));
  EXPECT_EQ(plan(day_of("2024-10-04", {50, 20, 20, 20})), Texts({"0123"}));
}

TEST(RewritePlanTest, NeverTakesALargeFileAgainNorPassesOneOver) {
  const WallTime later = kNoon + std::chrono::hours(1);
  EXPECT_EQ(plan(day_of("2024-10-03", {10, 10, 150, 10, 10}), later), Texts({"01", "34"}));
}

TEST(RewritePlanTest, BoundsWhatBecomesOne) {
  const WallTime later = kNoon + std::chrono::hours(1);
  EXPECT_EQ(plan(day_of("2024-10-03", {90, 90, 90, 90}), later), Texts({"01", "23"}));
  EXPECT_EQ(plan(day_of("2024-10-03", std::vector<std::int64_t>(12, 1)), later).size(), 2U);
}

TEST(RewritePlanTest, EndsAtTheFirstFileThatIsStillToBeMerged) {
  metadata::StageDay day = day_of("2024-10-03", {1, 1, 1, 1});
  day.files[2].is_merged = false;
  EXPECT_EQ(plan(day, kNoon + std::chrono::hours(1)), Texts({"01"}));
}

}  // namespace
}  // namespace cdclake::upkeep
