#include "stages/silver_stage/stage_workbench.h"

#include <arrow/array/array_base.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/assert.h"
#include "base/ids.h"
#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "formats/parquet/parquet_reader.h"
#include "formats/record_files/record_file_reader.h"
#include "formats/record_files/record_file_writer.h"
#include "formats/recorded_topic/recorded_topic_reader.h"
#include "platform/commit/prepare.h"
#include "testing/matchers.h"

namespace cdclake::silver_stage {
namespace {

using testing::IsOk;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  CDCLAKE_ASSERT(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string corpus(const std::string& path) {
  const char* root = std::getenv("CDCLAKE_SOURCE_DIR");
  return std::string(root == nullptr ? "." : root) + "/tests/corpus/" + path;
}

void must(const Status& status) {
  EXPECT_THAT(status, IsOk());
  CDCLAKE_ASSERT(status.has_value());
}

template <typename T>
T must(Result<T> result) {
  EXPECT_THAT(result, IsOk());
  CDCLAKE_ASSERT(result.has_value());
  return std::move(result).value();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

lake::LakePath run_folder(const RunId& run, const std::string& topic) {
  const auto dot = topic.find('.');
  const std::string source = dot == std::string::npos ? "_" : topic.substr(0, dot);
  const std::string table = dot == std::string::npos ? topic : topic.substr(dot + 1);
  return lake::LakePath{lake::Root::kBronze, "cdc"} / ("source=" + lake::encode_segment(source)) /
         ("table=" + lake::encode_segment(table)) / "ingestion_date=2026-11-24" /
         ("run_id=" + run.value);
}

/// One segment a partition, in the order of the first record of each.
std::vector<model::Segment> segments_of(const std::vector<const model::RawRecord*>& records,
                                        std::map<model::PartitionId, std::int64_t>& positions) {
  std::vector<model::Segment> segments;
  model::RecordHasher hash;
  for (const model::RawRecord* record : records) {
    auto place = std::ranges::find(segments, *record->partition, &model::Segment::partition);
    if (place == segments.end()) {
      const std::int64_t first = positions[*record->partition];
      segments.push_back({*record->partition, {first, first}, 0, {}});
      place = segments.end() - 1;
    }
    CDCLAKE_ASSERT(record->offset >= place->range.next);
    place->range.next = record->offset + 1;
    ++place->record_count;
    place->checksum += hash(*record);
    positions[*record->partition] = place->range.next;
  }
  return segments;
}

}  // namespace

std::string json_of(const Event& event) {
  return "{\"before\":null,\"after\":" + event.after +
         ",\"source\":{\"version\":\"3.7.0.Final\",\"connector\":\"postgresql\",\"name\":" +
         quoted(event.source) + ",\"ts_ms\":" + std::to_string(event.commit_ms) +
         ",\"snapshot\":" + event.snapshot + ",\"db\":" + quoted(event.database) +
         ",\"sequence\":" + quoted(event.sequence) +
         ",\"ts_us\":" + std::to_string(event.commit_ms) +
         "000,\"ts_ns\":" + std::to_string(event.commit_ms) +
         "000000,\"schema\":\"public\",\"table\":" + quoted(event.table) +
         ",\"txId\":7,\"lsn\":101,\"xmin\":null},\"transaction\":null,\"op\":" + quoted(event.op) +
         ",\"ts_ms\":1795416067608}";
}

std::vector<testing::FakeRecord> mixed_records(std::int64_t first, std::int64_t count) {
  const std::vector<std::string> values = {json_of({}), "not JSON", R"({"ts_ms":1})"};
  std::vector<testing::FakeRecord> records;
  for (std::int64_t offset = first; offset < first + count; ++offset) {
    records.push_back({.offset = offset, .value = values[static_cast<std::size_t>(offset % 3)]});
  }
  return records;
}

StageWorkbench::StageWorkbench()
    : own_lake_(std::make_unique<testing::TempLake>()), lake_(*own_lake_), store_(lake_, clock_) {}

StageWorkbench::StageWorkbench(testing::TempLake& lake) : lake_(lake), store_(lake_, clock_) {}

RunId StageWorkbench::begin_run() {
  metadata::Run run;
  run.id = RunId(random_hex_id());
  run.job = "bronze_write";
  run.ingestion_date = "2026-11-24";
  run.details = "{}";
  must(store_->begin_run(store_.lease(metadata::Role::kBronzeWrite), run));
  last_run_ = run.id;
  return run.id;
}

void StageWorkbench::end_run(const RunId& run) {
  must(store_->end_run(store_.lease(metadata::Role::kBronzeWrite), run,
                       metadata::RunStatus::kSuccess, "{}"));
}

void StageWorkbench::land(const std::vector<testing::FakeRecord>& records) {
  std::vector<model::RawRecord> raw;
  for (const testing::FakeRecord& record : records) raw.push_back(raw_.add(record));
  land(raw);
}

void StageWorkbench::land(std::span<const model::RawRecord> records) {
  const RunId run = begin_run();
  land_in(run, "events_00001.parquet", records);
  end_run(run);
}

void StageWorkbench::land_two_parts(const std::vector<testing::FakeRecord>& first,
                                    const std::vector<testing::FakeRecord>& second) {
  const RunId run = begin_run();
  int number = 1;
  for (const auto* part : {&first, &second}) {
    std::vector<model::RawRecord> raw;
    for (const testing::FakeRecord& record : *part) raw.push_back(raw_.add(record));
    land_in(run, "events_0000" + std::to_string(number++) + ".parquet", raw);
  }
  end_run(run);
}

void StageWorkbench::land_in(const RunId& run, const std::string& name,
                             std::span<const model::RawRecord> records) {
  std::map<std::string, std::vector<const model::RawRecord*>> topics;
  for (const model::RawRecord& record : records) {
    topics[record.partition->topic].push_back(&record);
  }
  metadata::BronzeCommit commit;
  commit.run = run;
  for (const auto& [topic, of_topic] : topics) {
    commit.files.push_back(write_part(run, name, of_topic));
    for (const model::Segment& segment : commit.files.back().segments) {
      commit.moves.push_back({segment.partition, segment.range.first, segment.range.next});
    }
  }
  must(publisher(metadata::Role::kBronzeWrite).run(commit));
}

metadata::BronzeFile StageWorkbench::write_part(
    const RunId& run, const std::string& name,
    const std::vector<const model::RawRecord*>& records) {
  metadata::BronzeFile part;
  part.topic = records.front()->partition->topic;
  part.segments = segments_of(records, positions_);
  part.file.id = FileId(random_hex_id());
  part.file.kind = metadata::FileKind::kBronzePart;
  part.file.hidden = lake::wip_path(lake::Root::kBronze, "bronze_write-" + part.file.id.value);
  part.file.final_path = run_folder(run, part.topic) / name;
  must(lake_.fs().make_folders(part.file.hidden.parent()));
  const auto out = must(lake_.fs().create(part.file.hidden));
  auto writer = must(record_files::RecordFileWriter::open(*out));
  for (const model::RawRecord* record : records) must(writer.append(*record, 1));
  part.file.rows = must(std::move(writer).finish({}));
  part.file = must(commit::seal(lake_.fs(), *out, part.file));
  return part;
}

void StageWorkbench::land_recording(const std::string& path, std::size_t records_max) {
  auto reader = must(recorded_topic::RecordedTopicReader::open(
      {.path = corpus(path),
       .incarnation = "recorded:1",
       .batch_records_max = static_cast<std::int64_t>(records_max)}));
  for (bool at_end = false; !at_end;) {
    const auto batch = must(reader.read(std::chrono::milliseconds(100)));
    at_end = batch.at_end;
    if (!batch.records.empty()) land(batch.records);
  }
}

void StageWorkbench::land_gap(const model::PartitionId& partition, std::int64_t next) {
  metadata::BronzeCommit commit;
  commit.run = begin_run();
  const std::int64_t first = positions_[partition];
  commit.moves.push_back({partition, first, next});
  commit.gaps.push_back({partition, {first, next}, "before_first_read"});
  positions_[partition] = next;
  must(publisher(metadata::Role::kBronzeWrite).run(commit));
  end_run(commit.run);
}

void StageWorkbench::compact(const std::string& topic) {
  const auto parts = must(store_->bronze_files_of_run(last_run_));
  metadata::CompactionCommit commit;
  commit.run = last_run_;
  metadata::BronzeFile& whole = commit.compacted;
  whole.topic = topic;
  whole.file.id = FileId(random_hex_id());
  whole.file.kind = metadata::FileKind::kBronzeCompacted;
  whole.file.hidden = lake::wip_path(lake::Root::kBronze, "bronze_compact-" + whole.file.id.value);
  whole.file.final_path = run_folder(last_run_, topic) / "events_compacted.parquet";
  const auto out = must(lake_.fs().create(whole.file.hidden));
  auto writer = must(record_files::RecordFileWriter::open(*out));
  for (const metadata::StoredBronzeFile& part : parts) {
    if (part.topic != topic) continue;
    std::vector<model::PartitionId> partitions;
    for (const model::Segment& segment : part.segments) partitions.push_back(segment.partition);
    auto reader = must(record_files::RecordFileReader::open(lake_.fs(), part.path, partitions));
    for (auto batch = must(reader.next()); !batch.empty(); batch = must(reader.next())) {
      for (const model::RawRecord& record : batch) must(writer.append(record, 1));
    }
    whole.segments.insert(whole.segments.end(), part.segments.begin(), part.segments.end());
    commit.superseded.push_back(part.id);
  }
  whole.file.rows = must(std::move(writer).finish({}));
  whole.file = must(commit::seal(lake_.fs(), *out, whole.file));
  commit.view.folder = whole.file.final_path.parent();
  commit.view.marker = "_COMPACTED";
  commit.view.version = whole.file.id.value;
  commit.view.links = {{"events_compacted.parquet", whole.file.id}};
  must(publisher(metadata::Role::kBronzeCompact).run(commit));
}

void StageWorkbench::use_types(const std::string& catalog_json, const std::string& connector_json) {
  catalog_ = must(json_document::parse_catalog(catalog_json));
  settings_ = must(debezium::ConnectorSettings::from_properties(
      must(json_document::parse_connector_config(connector_json))));
}

void StageWorkbench::use_corpus_types(const std::string& scenario, const std::string& variant) {
  use_types(read_file(corpus(scenario + "/catalog.json")),
            read_file(corpus(scenario + "/" + variant + "/connector.json")));
}

std::unique_ptr<SilverStage> StageWorkbench::open_stage() {
  const auto& lease = store_.lease(metadata::Role::kSilverStage);
  publisher_ = std::make_unique<commit::Publisher>(lake_.fs(), *store_, lease);
  return std::make_unique<SilverStage>(
      config_, SilverStage::Context{lake_.fs(), *store_, *publisher_, lease, clock_},
      OutsideTypes{catalog_ ? &*catalog_ : nullptr, settings_}, progress_);
}

Result<StageReport> StageWorkbench::try_stage(const std::stop_token& stop) {
  const auto stage = open_stage();
  auto report = stage->run_once(stop);
  if (report) must(stage->finish());
  return report;
}

StageReport StageWorkbench::stage(const std::stop_token& stop) { return must(try_stage(stop)); }

std::vector<std::string> StageWorkbench::silver_files(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path root = lake_.fs().absolute({lake::Root::kSilver, folder});
  std::vector<std::string> files;
  if (!fs::exists(root)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) {
      files.push_back(folder + "/" + entry.path().lexically_relative(root).string());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::vector<RowText> StageWorkbench::rows(const std::string& table_segment) {
  std::vector<RowText> rows;
  for (const std::string& path : silver_files("stage_events/table=" + table_segment)) {
    auto reader = must(parquet::ParquetReader::open(lake_.fs(), {lake::Root::kSilver, path}));
    const auto table = must(reader.read());
    for (std::int64_t i = 0; i < table->num_rows(); ++i) {
      RowText row{{"_file", path}};
      for (int column = 0; column < table->num_columns(); ++column) {
        const auto scalar = table->column(column)->GetScalar(i).ValueOrDie();
        row[table->schema()->field(column)->name()] =
            scalar->is_valid ? scalar->ToString() : "null";
      }
      rows.push_back(std::move(row));
    }
  }
  std::ranges::sort(rows, {}, [](const RowText& row) {
    return std::tuple(row.at("_topic"), std::stoll(row.at("_partition")),
                      std::stoll(row.at("_offset")));
  });
  return rows;
}

std::vector<std::string> StageWorkbench::quarantine(const std::string& table_segment) {
  std::vector<std::string> lines;
  for (const std::string& path : silver_files("stage_events_quarantine/table=" + table_segment)) {
    std::stringstream text(read_file(lake_.fs().absolute({lake::Root::kSilver, path})));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  }
  return lines;
}

void StageWorkbench::expect_all_counted() {
  for (const auto& counts : must(store_->partition_counts())) {
    EXPECT_EQ(counts.bronze_records, counts.rows + counts.quarantined + counts.no_row)
        << counts.partition.topic << "/" << counts.partition.partition;
  }
}

void StageWorkbench::expect_mixed_records_once(std::int64_t count) {
  std::int64_t offset = 0;
  for (const RowText& row : rows("public.users")) {
    EXPECT_EQ(row.at("_offset"), std::to_string(offset));
    offset += 3;
  }
  EXPECT_EQ(offset, count);
  EXPECT_EQ(quarantine("_unknown").size(), static_cast<std::size_t>(count / 3));
  expect_all_counted();
}

std::optional<metadata::Table> StageWorkbench::table(const std::string& name) {
  for (metadata::Table& table : must(store_->tables())) {
    if (table.id.table == name) return std::move(table);
  }
  return std::nullopt;
}

}  // namespace cdclake::silver_stage
