// What a stage commits into a folder while upkeep changes it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "platform/commit/publisher.h"
#include "testing/commit_builders.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using metadata::FileKind;
using metadata::Role;
using testing::IsOk;
using testing::LakeScene;
using testing::TempFolder;

const model::PartitionId kTopic = testing::partition_of("s.t");
const lake::LakePath kDay{lake::Root::kSilver, "stage_events/table=p.t/event_date=2026-01-01"};

/// A day with two files of one row each, merged.
class DayUnderUpkeep {
 public:
  DayUnderUpkeep() {
    const RunId bronze = scene.begin_run(Role::kBronzeWrite, "b");
    metadata::BronzeCommit commit;
    commit.run = bronze;
    auto file = scene.write(Role::kBronzeWrite, FileKind::kBronzePart,
                            {lake::Root::kBronze, "cdc/x/events_00001.parquet"}, "records");
    file.rows = 10;
    commit.files.push_back({file, kTopic.topic, {testing::segment_of(kTopic, 0, 10)}});
    commit.moves.push_back({kTopic, 0, 10});
    LakeScene::check(scene.publisher(Role::kBronzeWrite).run(commit));
    table_ = LakeScene::unwrap(scene.store().register_table(scene.lease(Role::kSilverStage),
                                                            {"s", "db", "p", "t"}, kTopic.topic));
    schema_ = testing::small_schema(table_.id);
    LakeScene::check(scene.store().save_schema(scene.lease(Role::kSilverStage), *schema_));
    stage_run_ = scene.begin_run(Role::kSilverStage, "s");
    for (const std::int64_t offset : {0, 1}) {
      LakeScene::check(scene.publisher(Role::kSilverStage).run(stage_of(offset)));
    }
    metadata::MergeCommit merge;
    merge.run = scene.begin_run(Role::kSilverMerge, "m");
    merge.tables.emplace_back();
    merge.tables[0].table = table_.key;
    merge.tables[0].moves = {{kTopic, 0, 2}};
    LakeScene::check(scene.publisher(Role::kSilverMerge).run(merge));
    upkeep_run_ = scene.begin_run(Role::kUpkeep, "u");
  }

  metadata::StageCommit stage_of(std::int64_t offset) {
    metadata::StageCommit commit;
    commit.run = stage_run_;
    const std::string name = "row" + std::to_string(offset);
    auto file = scene.write(Role::kSilverStage, FileKind::kStage,
                            kDay / ("part-" + name + ".parquet"), name);
    file.rows = 1;
    commit.files.push_back(
        {file, table_.key, schema_->id, "2026-01-01", {{kTopic, {offset, offset + 1}}}});
    commit.ranges.push_back({{kTopic, offset, offset + 1}, 1, 0, 0});
    return commit;
  }

  metadata::UpkeepCommit rewrite() {
    metadata::UpkeepCommit commit = take_out();
    auto file =
        scene.write(Role::kUpkeep, FileKind::kStage, kDay / "part-both.parquet", "row0 row1");
    file.rows = 2;
    commit.rewritten = metadata::StageFile{file, table_.key, schema_->id, "2026-01-01", {}};
    commit.superseded = std::exchange(commit.expired, {});
    commit.view.links = {{"part-both.parquet", file.id}};
    return commit;
  }
  metadata::UpkeepCommit take_out() {
    metadata::UpkeepCommit commit;
    commit.run = upkeep_run_;
    commit.view.folder = kDay;
    commit.view.version = random_hex_id();
    const auto files = LakeScene::unwrap(scene.store().upkeep().live_files_in(kDay));
    for (const auto& it : files) {
      commit.expired.push_back(it.id);
      commit.view.leaving.emplace_back(it.final_path.name());
    }
    return commit;
  }

  Status commit_only(const metadata::UpkeepCommit& commit) {
    return scene.store().commit(scene.lease(Role::kUpkeep), commit);
  }
  Status commit_only(const metadata::StageCommit& commit) {
    return scene.store().commit(scene.lease(Role::kSilverStage), commit);
  }

  std::set<std::string> names() const {
    std::set<std::string> found;
    const std::filesystem::path day = folder.path() + "/silver/" + kDay.relative;
    if (!std::filesystem::exists(day)) return {"no folder"};
    for (const auto& entry : std::filesystem::directory_iterator(day)) {
      found.insert(entry.path().filename());
    }
    return found;
  }

  TempFolder folder;
  LakeScene scene{folder.path()};

 private:
  metadata::Table table_;
  model::TableSchemaPtr schema_;
  RunId stage_run_;
  RunId upkeep_run_;
};

using Names = std::set<std::string>;

TEST(UpkeepSwapTest, ShowsTheNewFileInPlaceOfTheOldOnes) {
  DayUnderUpkeep day;
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).run(day.rewrite()), IsOk());
  EXPECT_EQ(day.names(), Names({"part-both.parquet"}));
}

TEST(UpkeepSwapTest, ShowsWhatTheStageCommitsBeforeTheSwap) {
  DayUnderUpkeep day;
  ASSERT_THAT(day.commit_only(day.rewrite()), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kSilverStage).run(day.stage_of(2)), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).recover(), IsOk());
  EXPECT_EQ(day.names(), Names({"part-both.parquet", "part-row2.parquet"}));
}

TEST(UpkeepSwapTest, LeavesTheStageToShowWhatIsStillHidden) {
  DayUnderUpkeep day;
  const auto rewrite = day.rewrite();
  ASSERT_THAT(day.commit_only(day.stage_of(2)), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).run(rewrite), IsOk());
  EXPECT_EQ(day.names(), Names({"part-both.parquet"}));
  ASSERT_THAT(day.scene.publisher(Role::kSilverStage).recover(), IsOk());
  EXPECT_EQ(day.names(), Names({"part-both.parquet", "part-row2.parquet"}));
}

TEST(UpkeepSwapTest, TakesAnEmptyFolderAwayAndLetsTheStageMakeItAnew) {
  DayUnderUpkeep day;
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).run(day.take_out()), IsOk());
  EXPECT_EQ(day.names(), Names({"no folder"}));
  ASSERT_THAT(day.scene.publisher(Role::kSilverStage).run(day.stage_of(2)), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).start(std::chrono::hours(24)), IsOk());
  EXPECT_EQ(day.names(), Names({"part-row2.parquet"}));
}

TEST(UpkeepSwapTest, KeepsAFolderInWhichTheStageIsAboutToShowAFile) {
  DayUnderUpkeep day;
  const auto gone = day.take_out();
  ASSERT_THAT(day.commit_only(day.stage_of(2)), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).run(gone), IsOk());
  EXPECT_EQ(day.names(), Names());
  ASSERT_THAT(day.scene.publisher(Role::kSilverStage).recover(), IsOk());
  EXPECT_EQ(day.names(), Names({"part-row2.parquet"}));
}

TEST(UpkeepSwapTest, RemovesOldSidesAfterTheGracePeriodOnly) {
  DayUnderUpkeep day;
  const auto aside = day.folder.path() + "/silver/.cdclake/aside";
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).run(day.rewrite()), IsOk());
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).sweep(std::chrono::hours(24)), IsOk());
  EXPECT_FALSE(std::filesystem::is_empty(aside));
  day.scene.clock().advance(std::chrono::hours(25));
  ASSERT_THAT(day.scene.publisher(Role::kUpkeep).sweep(std::chrono::hours(24)), IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(aside));
  EXPECT_EQ(day.names(), Names({"part-both.parquet"}));
}

}  // namespace
}  // namespace cdclake::commit
