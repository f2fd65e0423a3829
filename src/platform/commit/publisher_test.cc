#include "platform/commit/publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "platform/commit/locate.h"
#include "testing/commit_builders.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::commit {
namespace {

using metadata::FileKind;
using metadata::Role;
using testing::FailsWith;
using testing::IsOk;
using testing::LakeScene;
using testing::partition_of;
using testing::segment_of;
using testing::TempFolder;

const lake::LakePath kRunFolder{lake::Root::kBronze, "cdc/source=s/table=t/run_id=1"};

metadata::BronzeCommit one_file(LakeScene& scene, const RunId& run, std::int64_t first,
                                std::int64_t next) {
  const auto segment = segment_of(partition_of("s.t"), first, next);
  auto file = scene.write(Role::kBronzeWrite, FileKind::kBronzePart,
                          kRunFolder / (std::to_string(first) + ".parquet"), "text");
  file.rows = segment.record_count;
  metadata::BronzeCommit commit;
  commit.run = run;
  commit.files.push_back({file, "s.t", {segment}});
  commit.moves.push_back({segment.partition, first, next});
  return commit;
}

lake::EntryType type_of(LakeScene& scene, const lake::LakePath& path) {
  return LakeScene::unwrap(scene.fs().stat(path)).type;
}

std::size_t unpublished(LakeScene& scene) {
  return LakeScene::unwrap(scene.store().unpublished_files(Role::kBronzeWrite)).size();
}

TEST(PublisherTest, GivesCommittedFilesTheirFinalNames) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 0, 4);
  EXPECT_EQ(type_of(scene, commit.files[0].file.final_path), lake::EntryType::kAbsent);
  ASSERT_THAT(scene.publisher(Role::kBronzeWrite).run(commit), IsOk());
  EXPECT_EQ(type_of(scene, commit.files[0].file.final_path), lake::EntryType::kFile);
  EXPECT_EQ(type_of(scene, commit.files[0].file.hidden), lake::EntryType::kAbsent);
  EXPECT_EQ(unpublished(scene), 0U);
}

TEST(PublisherTest, LeavesEverythingHiddenWhenTheCommitIsRefused) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 7, 9);
  EXPECT_THAT(scene.publisher(Role::kBronzeWrite).run(commit), FailsWith(ErrorKind::kConflict));
  EXPECT_EQ(type_of(scene, commit.files[0].file.final_path), lake::EntryType::kAbsent);
  EXPECT_TRUE(scene.store().bronze_positions()->empty());
}

TEST(PublisherTest, FinishesAFailedPublicationBeforeTheNextCommit) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto first = one_file(scene, run, 0, 4);
  const lake::LakePath in_the_way = kRunFolder.parent();
  LakeScene::check(scene.fs().make_folders(in_the_way.parent()));
  const auto stone = LakeScene::unwrap(scene.fs().create(in_the_way));
  EXPECT_FALSE(scene.publisher(Role::kBronzeWrite).run(first).has_value());
  EXPECT_EQ(unpublished(scene), 1U);

  LakeScene::check(scene.fs().remove_file(in_the_way));
  ASSERT_THAT(scene.publisher(Role::kBronzeWrite).run(one_file(scene, run, 4, 6)), IsOk());
  EXPECT_EQ(type_of(scene, first.files[0].file.final_path), lake::EntryType::kFile);
  EXPECT_EQ(unpublished(scene), 0U);
}

TEST(PublisherTest, StopsWhereACommittedFileIsAtNeitherOfItsNames) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 0, 4);
  LakeScene::check(scene.store().commit(scene.lease(Role::kBronzeWrite), commit));
  LakeScene::check(scene.fs().remove_file(commit.files[0].file.hidden));
  EXPECT_THAT(scene.publisher(Role::kBronzeWrite).recover(), FailsWith(ErrorKind::kCorrupt));
}

TEST(PublisherTest, NeverReplacesAStrangersFile) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 0, 4);
  LakeScene::check(scene.fs().make_folders(kRunFolder));
  const auto stranger = LakeScene::unwrap(scene.fs().create(commit.files[0].file.final_path));
  LakeScene::check(stranger->append("not ours"));
  EXPECT_THAT(scene.publisher(Role::kBronzeWrite).run(commit), FailsWith(ErrorKind::kCorrupt));
  EXPECT_EQ(lake::read_text(scene.fs(), commit.files[0].file.final_path).value(), "not ours");
}

TEST(PublisherTest, LocatesACommittedFileUnderEitherName) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 0, 4);
  const metadata::PreparedFile& file = commit.files[0].file;
  LakeScene::check(scene.store().commit(scene.lease(Role::kBronzeWrite), commit));
  EXPECT_EQ(locate(scene.fs(), scene.store(), file.id).value(), file.hidden);
  ASSERT_THAT(scene.publisher(Role::kBronzeWrite).recover(), IsOk());
  EXPECT_EQ(locate(scene.fs(), scene.store(), file.id).value(), file.final_path);
  LakeScene::check(scene.fs().remove_file(file.final_path));
  EXPECT_THAT(locate(scene.fs(), scene.store(), file.id), FailsWith(ErrorKind::kCorrupt));
}

TEST(PublisherTest, LeavesWhatAFencedHolderCommittedToItsSuccessor) {
  const TempFolder folder;
  LakeScene scene(folder.path());
  const RunId run = scene.begin_run(Role::kBronzeWrite, "1");
  const auto commit = one_file(scene, run, 0, 4);
  const metadata::LeaseGrant stuck = scene.lease(Role::kBronzeWrite);
  LakeScene::check(scene.store().commit(stuck, commit));
  const auto next =
      LakeScene::unwrap(scene.store().take_lease(Role::kBronzeWrite, "next:1", stuck.epoch));

  Publisher fenced(scene.fs(), scene.store(), stuck);
  const auto being_written = scene.write(Role::kBronzeWrite, FileKind::kBronzePart,
                                         kRunFolder / "next", "its successor's");
  EXPECT_THAT(fenced.recover(), FailsWith(ErrorKind::kConflict));
  EXPECT_THAT(fenced.start(std::chrono::hours(0)), FailsWith(ErrorKind::kConflict));
  EXPECT_EQ(type_of(scene, commit.files[0].file.final_path), lake::EntryType::kAbsent);
  EXPECT_EQ(type_of(scene, being_written.hidden), lake::EntryType::kFile);
  Publisher successor(scene.fs(), scene.store(), next);
  EXPECT_THAT(successor.recover(), IsOk());
  EXPECT_EQ(type_of(scene, commit.files[0].file.final_path), lake::EntryType::kFile);
}

/// Publishes a version of a table whose only row is the version's number, in two files.
Status publish_version(LakeScene& scene, const metadata::Table& table, const RunId& run,
                       std::int64_t version) {
  const lake::LakePath silver{lake::Root::kSilver, ""};
  metadata::TableMerge merge;
  merge.table = table.key;
  merge.expected_version = version - 1;
  merge.new_version = version;
  merge.schema = testing::small_schema(table.id)->id;
  merge.view =
      metadata::FolderView{silver / "current/table=t", "_VERSION", std::to_string(version), {}, {}};
  for (const char* half : {"a", "b"}) {
    const std::string name = half + std::to_string(version) + ".parquet";
    auto file = scene.write(Role::kSilverMerge, FileKind::kCurrent,
                            silver / "current_data/table=t" / name, std::to_string(version));
    merge.files.push_back({file.id, file.rows, file.bytes, half, half, 0});
    merge.view->links.push_back({name, file.id});
    merge.added.push_back(std::move(file));
  }
  metadata::MergeCommit commit;
  commit.run = run;
  commit.tables.push_back(std::move(merge));
  return scene.publisher(Role::kSilverMerge).run(commit);
}

TEST(PublisherTest, ShowsAReaderOneVersionOrMissingFilesButNeverAMix) {
  const TempFolder folder(testing::TempPlace::kMemory);
  LakeScene scene(folder.path());
  const auto table = LakeScene::unwrap(scene.store().register_table(
      scene.lease(Role::kSilverStage), {"s", "d", "public", "t"}, "t"));
  LakeScene::check(
      scene.store().save_schema(scene.lease(Role::kSilverMerge), *testing::small_schema(table.id)));
  const RunId run = scene.begin_run(Role::kSilverMerge, "1");
  LakeScene::check(publish_version(scene, table, run, 1));

  std::atomic<int> read_whole = 0;
  std::atomic<int> mixed = 0;
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::vector<std::string> texts;
      std::error_code gone;
      for (const auto& entry :
           std::filesystem::directory_iterator(folder / "silver/current/table=t", gone)) {
        if (entry.path().extension() != ".parquet") continue;
        std::ifstream file(entry.path());
        std::string text;
        if (std::getline(file, text)) texts.push_back(text);
      }
      if (texts.size() > 2 || (texts.size() == 2 && texts[0] != texts[1])) ++mixed;
      if (texts.size() == 2) ++read_whole;
    }
  });
  for (std::int64_t version = 2; version < 200 || read_whole < 10; ++version) {
    ASSERT_THAT(publish_version(scene, table, run, version), IsOk());
  }
  reader.request_stop();
  EXPECT_EQ(mixed, 0);
}

}  // namespace
}  // namespace cdclake::commit
