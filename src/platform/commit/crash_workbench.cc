#include "platform/commit/crash_workbench.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "testing/commit_builders.h"
#include "testing/lake_scene.h"

namespace cdclake::commit {
namespace {

using metadata::FileKind;
using metadata::Role;
using testing::LakeScene;

const model::PartitionId kTopic = testing::partition_of("s.t");
const model::PartitionId kOtherTopic = testing::partition_of("s.u");
const lake::LakePath kRunFolder{lake::Root::kBronze, "cdc/source=s/table=t/run_id=1"};
const lake::LakePath kOtherRunFolder{lake::Root::kBronze, "cdc/source=s/table=u/run_id=1"};
const lake::LakePath kSilver{lake::Root::kSilver, ""};
constexpr std::chrono::hours kGrace{24};

Role role_of(Work work) {
  switch (work) {
    case Work::kBronze:
      return Role::kBronzeWrite;
    case Work::kCompaction:
      return Role::kBronzeCompact;
    case Work::kStage:
      return Role::kSilverStage;
    case Work::kMerge:
    case Work::kSweep:
      return Role::kSilverMerge;
    case Work::kRewrite:
    case Work::kExpiry:
      break;
  }
  return Role::kUpkeep;
}

/// `t:0`, `t:1`, …: one line a record.
std::string lines_of(const std::string& name, std::int64_t first, std::int64_t next) {
  std::string text;
  for (std::int64_t i = first; i < next; ++i) text += name + ":" + std::to_string(i) + "\n";
  return text;
}

metadata::BronzeFile part(LakeScene& scene, const lake::LakePath& folder, const std::string& name,
                          const model::Segment& segment) {
  const auto& range = segment.range;
  auto file = scene.write(Role::kBronzeWrite, FileKind::kBronzePart, folder / name,
                          lines_of(segment.partition.topic, range.first, range.next));
  file.rows = segment.record_count;
  return {file, segment.partition.topic, {segment}};
}

void write_first_part(LakeScene& scene) {
  metadata::BronzeCommit commit;
  commit.run = scene.begin_run(Role::kBronzeWrite, "1");
  commit.files.push_back(
      part(scene, kRunFolder, "events_00001.parquet", testing::segment_of(kTopic, 0, 3)));
  commit.moves.push_back({kTopic, 0, 3});
  LakeScene::check(scene.publisher(Role::kBronzeWrite).run(commit));
}

void write_second_part(LakeScene& scene) {
  metadata::BronzeCommit commit;
  commit.run = RunId("1");
  commit.files.push_back(
      part(scene, kRunFolder, "events_00002.parquet", testing::segment_of(kTopic, 3, 6)));
  commit.files.push_back(
      part(scene, kOtherRunFolder, "events_00001.parquet", testing::segment_of(kOtherTopic, 0, 2)));
  commit.moves = {{kTopic, 3, 6}, {kOtherTopic, 0, 2}};
  LakeScene::check(scene.publisher(Role::kBronzeWrite).run(commit));
}

void end_bronze_run(LakeScene& scene) {
  LakeScene::check(scene.store().end_run(scene.lease(Role::kBronzeWrite), RunId("1"),
                                         metadata::RunStatus::kSuccess, "{}"));
}

void compact(LakeScene& scene) {
  const auto folders = LakeScene::unwrap(scene.store().compactable_folders());
  for (const metadata::CompactableFolder& folder : folders) {
    if (folder.folder != kRunFolder) continue;
    metadata::CompactionCommit commit;
    commit.run = folder.run;
    auto file = scene.write(Role::kBronzeCompact, FileKind::kBronzeCompacted,
                            kRunFolder / "events_compacted.parquet", lines_of("s.t", 0, 6));
    file.rows = 6;
    commit.compacted = {file, "s.t", {}};
    for (const metadata::StoredBronzeFile& old : folder.parts) {
      commit.superseded.push_back(old.id);
      commit.compacted.segments.insert(commit.compacted.segments.end(), old.segments.begin(),
                                       old.segments.end());
    }
    commit.view = {
        kRunFolder, "_COMPACTED", file.id.value, {{"events_compacted.parquet", file.id}}, {}};
    commit.view.texts = {{"manifest.json", "{}"}, {"_SUCCESS", ""}};
    LakeScene::check(scene.publisher(Role::kBronzeCompact).run(commit));
  }
}

metadata::Table table_of(LakeScene& scene, const std::string& name) {
  return LakeScene::unwrap(scene.store().register_table(scene.lease(Role::kSilverStage),
                                                        {"s", "db", "p", name}, "s." + name));
}

void stage(LakeScene& scene) {
  const auto table = table_of(scene, "t");
  const auto schema = testing::small_schema(table.id);
  LakeScene::check(scene.store().save_schema(scene.lease(Role::kSilverStage), *schema));
  const auto write = [&](FileKind kind, const lake::LakePath& path, const std::string& text) {
    return scene.write(Role::kSilverStage, kind, path, text);
  };
  metadata::StageCommit commit;
  commit.run = scene.begin_run(Role::kSilverStage, random_hex_id());
  auto rows =
      write(FileKind::kStage, kSilver / "stage_events/table=p.t/event_date=2026-01-01/a.parquet",
            lines_of("staged", 0, 5));
  rows.rows = 5;
  commit.files.push_back({rows, table.key, schema->id, "2026-01-01", {{kTopic, {0, 5}}}});
  auto rejected = write(FileKind::kQuarantine,
                        kSilver / "stage_events_quarantine/table=p.t/quarantine-a.jsonl", "{}\n");
  commit.quarantine_files.push_back(rejected);
  commit.schema_files.push_back(
      write(FileKind::kSchema, lake::LakePath{lake::Root::kBronze, "_schemas/x.json"}, "{}"));
  commit.ranges.push_back({{kTopic, 0, 6}, 5, 1, 0});
  commit.quarantined.push_back({kTopic, 5, "JSON_PARSE", "", table.key, rejected.id});
  LakeScene::check(scene.publisher(Role::kSilverStage).run(commit));
}

const lake::LakePath kDay = kSilver / "stage_events/table=p.t/event_date=2026-01-01";

/// Two files of one day, all of it merged.
void stage_and_merge_two(LakeScene& scene) {
  const auto table = table_of(scene, "t");
  const auto schema = testing::small_schema(table.id);
  LakeScene::check(scene.store().save_schema(scene.lease(Role::kSilverStage), *schema));
  metadata::StageCommit commit;
  commit.run = scene.begin_run(Role::kSilverStage, random_hex_id());
  for (const std::int64_t first : {0, 3}) {
    auto rows = scene.write(Role::kSilverStage, FileKind::kStage,
                            kDay / ("part-" + std::to_string(first) + ".parquet"),
                            lines_of("staged", first, first + 3));
    rows.rows = 3;
    commit.files.push_back(
        {rows, table.key, schema->id, "2026-01-01", {{kTopic, {first, first + 3}}}});
  }
  commit.ranges.push_back({{kTopic, 0, 6}, 6, 0, 0});
  LakeScene::check(scene.publisher(Role::kSilverStage).run(commit));
  metadata::MergeCommit merge;
  merge.run = scene.begin_run(Role::kSilverMerge, random_hex_id());
  merge.tables.emplace_back();
  merge.tables[0].table = table.key;
  merge.tables[0].moves = {{kTopic, 0, 6}};
  LakeScene::check(scene.publisher(Role::kSilverMerge).run(merge));
}

metadata::StageDay the_day(LakeScene& scene) {
  const auto days = LakeScene::unwrap(scene.store().upkeep().days_of_small_files(1 << 20));
  return LakeScene::unwrap(scene.store().upkeep().stage_day(days.at(0)));
}

void rewrite(LakeScene& scene) {
  const auto day = the_day(scene);
  auto file = scene.write(Role::kUpkeep, FileKind::kStage, kDay / "part-rewritten.parquet",
                          lines_of("staged", 0, 6));
  file.rows = 6;
  metadata::UpkeepCommit commit;
  commit.run = scene.begin_run(Role::kUpkeep, random_hex_id());
  commit.rewritten = metadata::StageFile{file, day.table.key, day.schema, day.event_date, {}};
  commit.view.folder = kDay;
  commit.view.version = file.id.value;
  commit.view.links = {{"part-rewritten.parquet", file.id}};
  for (const auto& it : day.files) {
    commit.superseded.push_back(it.file.id);
    commit.view.leaving.emplace_back(it.file.path.name());
  }
  LakeScene::check(scene.publisher(Role::kUpkeep).run(commit));
}

void expire(LakeScene& scene) {
  const auto day = the_day(scene);
  metadata::UpkeepCommit commit;
  commit.run = scene.begin_run(Role::kUpkeep, random_hex_id());
  commit.view.folder = kDay;
  commit.view.version = random_hex_id();
  for (const auto& it : day.files) {
    commit.expired.push_back(it.file.id);
    commit.view.leaving.emplace_back(it.file.path.name());
  }
  LakeScene::check(scene.publisher(Role::kUpkeep).run(commit));
}

/// A new version of a table: the files kept of the one before, and one new file.
metadata::TableMerge version_of(LakeScene& scene, const std::string& name, std::int64_t version,
                                std::vector<metadata::CurrentFile> files) {
  const auto table = table_of(scene, name);
  const lake::LakePath data = kSilver / "current_data" / ("table=p." + name);
  auto added = scene.write(Role::kSilverMerge, FileKind::kCurrent,
                           data / (name + std::to_string(version) + ".parquet"),
                           lines_of("current " + name + std::to_string(version), 0, 2));
  added.rows = 2;
  files.push_back({added.id, added.rows, added.bytes, "a", "b", 0});
  metadata::TableMerge merge;
  merge.table = table.key;
  merge.expected_version = version - 1;
  merge.new_version = version;
  const auto schema = testing::small_schema(table.id);
  LakeScene::check(scene.store().save_schema(scene.lease(Role::kSilverMerge), *schema));
  merge.schema = schema->id;
  merge.added = {added};
  merge.files = files;
  merge.view = metadata::FolderView{kSilver / "current" / ("table=p." + name),
                                    "_VERSION",
                                    name + std::to_string(version),
                                    {},
                                    {}};
  for (const auto& file : files) merge.view->links.push_back({file.id.value + ".parquet", file.id});
  return merge;
}

/// Version 1: one file a table.
void merge_first(LakeScene& scene) {
  metadata::MergeCommit commit;
  commit.run = scene.begin_run(Role::kSilverMerge, random_hex_id());
  commit.tables = {version_of(scene, "t", 1, {}), version_of(scene, "u", 1, {})};
  commit.tables[0].moves = {{kTopic, 0, 3}};
  LakeScene::check(scene.publisher(Role::kSilverMerge).run(commit));
}

/// Version 2: `t` keeps its file and gets another, `u` has its file replaced.
void merge_again(LakeScene& scene) {
  const auto before = LakeScene::unwrap(scene.store().current_version(table_of(scene, "t").key));
  metadata::MergeCommit commit;
  commit.run = scene.begin_run(Role::kSilverMerge, random_hex_id());
  commit.tables = {version_of(scene, "t", 2, before.value().files), version_of(scene, "u", 2, {})};
  commit.tables[0].moves = {{kTopic, 3, 6}};
  LakeScene::check(scene.publisher(Role::kSilverMerge).run(commit));
}

bool is_done_in(metadata::MetadataStore& store, Work work) {
  const auto reaches = [](const Result<std::vector<model::Position>>& positions) {
    return std::ranges::any_of(
        *positions, [](const auto& at) { return at.partition == kTopic && at.next_offset == 6; });
  };
  switch (work) {
    case Work::kBronze:
      return reaches(store.bronze_positions());
    case Work::kCompaction:
      return std::ranges::none_of(*store.compactable_folders(),
                                  [](const auto& folder) { return folder.folder == kRunFolder; });
    case Work::kStage:
      return reaches(store.stage_positions());
    case Work::kMerge:
      return store.current_version(1).value().value().version == 2;
    case Work::kSweep: {
      const auto left = store.superseded(Role::kSilverMerge, kGrace);
      return left->files.empty() && left->asides.empty() && left->asides_kept.empty();
    }
    case Work::kRewrite:
    case Work::kExpiry:
      return store.upkeep().days_of_small_files(1 << 20)->empty();
  }
  return false;
}

void start(LakeScene& scene, Work work) {
  if (work == Work::kSweep) scene.clock().advance(kGrace + std::chrono::hours(1));
  LakeScene::check(scene.publisher(role_of(work)).start(kGrace));
}

}  // namespace

const char* name_of(Work work) {
  switch (work) {
    case Work::kBronze:
      return "Bronze";
    case Work::kCompaction:
      return "Compaction";
    case Work::kStage:
      return "Stage";
    case Work::kMerge:
      return "Merge";
    case Work::kSweep:
      return "Sweep";
    case Work::kRewrite:
      return "Rewrite";
    case Work::kExpiry:
      return "Expiry";
  }
  return "";
}

bool prepare_lake(const std::string& folder, Work work) {
  LakeScene scene(folder);
  write_first_part(scene);
  if (work == Work::kBronze) return true;
  write_second_part(scene);
  end_bronze_run(scene);
  if (work == Work::kRewrite || work == Work::kExpiry) stage_and_merge_two(scene);
  if (work != Work::kMerge && work != Work::kSweep) return true;
  stage(scene);
  merge_first(scene);
  if (work == Work::kSweep) merge_again(scene);
  return true;
}

bool start_and_work(const std::string& folder, Work work) {
  return start_and_work_until(std::numeric_limits<int>::max(), folder, work);
}

bool start_and_work_until(int fails_at, const std::string& folder, Work work) {
  LakeScene scene(folder, fails_at);
  start(scene, work);
  if (is_done_in(scene.store(), work)) return true;
  switch (work) {
    case Work::kBronze:
      write_second_part(scene);
      break;
    case Work::kCompaction:
      compact(scene);
      break;
    case Work::kStage:
      stage(scene);
      break;
    case Work::kMerge:
      merge_again(scene);
      break;
    case Work::kRewrite:
      rewrite(scene);
      break;
    case Work::kExpiry:
      expire(scene);
      break;
    case Work::kSweep:
      break;  // A part of the start.
  }
  return true;
}

bool start_only(const std::string& folder, Work work) {
  LakeScene scene(folder);
  start(scene, work);
  start(scene, work);  // Idempotent.
  return true;
}

bool is_done(const std::string& folder, Work work) {
  LakeScene scene(folder);
  return is_done_in(scene.store(), work);
}

Visible read_all(const std::string& folder) {
  namespace fs = std::filesystem;
  Visible visible;
  for (const char* tree : {"bronze/cdc", "silver/stage_events", "silver/current"}) {
    const fs::path root = fs::path(folder) / tree;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".parquet") continue;
      visible.files.push_back(fs::relative(entry.path().parent_path(), folder));
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) visible.lines.push_back(line);
    }
  }
  for (const char* tree : {"bronze/.cdclake/aside", "silver/.cdclake/aside"}) {
    const auto entries = fs::directory_iterator(fs::path(folder) / tree);
    visible.kept += static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
  const fs::path data = fs::path(folder) / "silver/current_data";
  if (fs::exists(data)) {
    const auto entries = fs::recursive_directory_iterator(data);
    visible.kept += static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
  std::ranges::sort(visible.files);
  std::ranges::sort(visible.lines);
  return visible;
}

std::size_t hidden_files(const std::string& folder) {
  std::size_t count = 0;
  for (const char* root : {"bronze", "silver"}) {
    const auto wip = std::filesystem::path(folder) / root / ".cdclake/wip";
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(wip)) ++count;
  }
  return count;
}

}  // namespace cdclake::commit
