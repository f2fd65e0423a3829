#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "model/record.h"
#include "model/source_catalog.h"
#include "stages/silver_stage/silver_stage.h"
#include "testing/fake_record.h"
#include "testing/manual_clock.h"
#include "testing/temp_lake.h"
#include "testing/temp_store.h"

namespace cdclake::silver_stage {

/// A staged row as text, column by column; null is the text `null`.
using RowText = std::map<std::string, std::string>;

/// A change event in Debezium's form, without schema block.
struct Event {
  std::string op = "c";
  std::string after = R"({"id":1,"name":"a"})";
  std::string table = "users";
  std::string source = "shop";
  std::string sequence = R"(["100","101"])";
  std::string snapshot = "null";
  std::int64_t commit_ms = 1'795'416'067'000;
  std::string database = "db";
};
std::string json_of(const Event& event);

/// A catalog with `public.users(id integer primary key, name text)`.
inline constexpr const char* kUsersCatalog =
    R"([{"schema":"public","table":"users","replica_identity":"d","primary_key":["id"],)"
    R"("columns":[{"name":"id","type":"integer","notnull":true},{"name":"name","type":"text"}]}])";

/// In turn a row of `users`, a value that is no JSON, and a heartbeat.
std::vector<testing::FakeRecord> mixed_records(std::int64_t first, std::int64_t count);

/// For tests: a lake with a store, to which records are landed as Bronze does it, and a stage.
class StageWorkbench {
 public:
  StageWorkbench();
  /// On a lake that others work on too, before or after.
  explicit StageWorkbench(testing::TempLake& lake);

  /// Lands records as a run of Bronze with one file a topic. A jump of offsets is a hole.
  void land(const std::vector<testing::FakeRecord>& records);
  void land(std::span<const model::RawRecord> records);
  /// Lands a recording of tests/corpus, `records_max` records a run.
  void land_recording(const std::string& path, std::size_t records_max = 100'000);
  /// Says that the partition's offsets up to `next` will never come.
  void land_gap(const model::PartitionId& partition, std::int64_t next);
  /// Replaces the part of the newest run of the topic by a compacted file.
  void compact(const std::string& topic);
  /// Two parts of one run, for `compact`.
  void land_two_parts(const std::vector<testing::FakeRecord>& first,
                      const std::vector<testing::FakeRecord>& second);

  /// Catalog and connector settings for what is staged from now on.
  void use_types(const std::string& catalog_json, const std::string& connector_json = "{}");
  void use_corpus_types(const std::string& scenario, const std::string& variant);
  void use_limits(const StageBatchLimits& limits) { config_.limits = limits; }
  void on_progress(SilverStage::Progress progress) { progress_ = std::move(progress); }

  /// Runs a stage of its own once, as a process that starts anew; it must succeed.
  StageReport stage(const std::stop_token& stop = {});
  Result<StageReport> try_stage(const std::stop_token& stop = {});
  /// A stage that stays, for tests of more than one run.
  std::unique_ptr<SilverStage> open_stage();

  /// All rows under `stage_events/table=<segment>`, by topic, partition and offset. `_file` is the
  /// file's path.
  std::vector<RowText> rows(const std::string& table_segment);
  /// The lines of all files under `stage_events_quarantine/table=<segment>`.
  std::vector<std::string> quarantine(const std::string& table_segment);
  /// Every file below a folder of Silver.
  std::vector<std::string> silver_files(const std::string& folder);
  /// Whether every partition's Bronze records are accounted for up to the stage's position.
  void expect_all_counted();
  /// Whether `mixed_records(0, count)` are staged, each once.
  void expect_mixed_records_once(std::int64_t count);
  std::optional<metadata::Table> table(const std::string& name);

  metadata::MetadataStore& store() { return *store_; }
  testing::TempStore& temp_store() { return store_; }
  testing::TempLake& lake() { return lake_; }
  commit::Publisher publisher(metadata::Role role) {
    return commit::Publisher(lake_.fs(), *store_, store_.lease(role));
  }

 private:
  metadata::BronzeFile write_part(const RunId& run, const std::string& name,
                                  const std::vector<const model::RawRecord*>& records);
  RunId begin_run();
  void end_run(const RunId& run);
  void land_in(const RunId& run, const std::string& name,
               std::span<const model::RawRecord> records);

  std::unique_ptr<testing::TempLake> own_lake_;
  testing::TempLake& lake_;
  testing::ManualClock clock_;
  testing::TempStore store_;
  testing::RawRecords raw_;
  std::map<model::PartitionId, std::int64_t> positions_;
  RunId last_run_;
  SilverStageConfig config_;
  std::optional<model::SourceCatalog> catalog_;
  debezium::ConnectorSettings settings_;
  SilverStage::Progress progress_;
  std::unique_ptr<commit::Publisher> publisher_;
};

}  // namespace cdclake::silver_stage
