#include "pipeline_under_test.h"

#include <cstdio>

#include "current_rows.h"
#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "formats/recorded_topic/recorded_topic_reader.h"
#include "stages/bronze/bronze_compactor.h"
#include "stages/bronze/bronze_stage.h"
#include "stages/upkeep/upkeep.h"
#include "testing/fake_source.h"

namespace cdclake::end_to_end {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "a stage failed: %s\n", result.error().message.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

/// A role, taken and recovered, for the length of one call.
class RoleUnderTest {
 public:
  RoleUnderTest(metadata::Role role, metadata::MetadataStore& store, testing::TempLake& lake,
                const Clock& clock)
      : lease_(must(commit::RoleLease::take(store, lake.store_path(), role, clock))),
        publisher_(lake.fs(), store, lease_.grant()) {
    must(publisher_.recover());
  }
  const metadata::LeaseGrant& grant() const { return lease_.grant(); }
  commit::Publisher& publisher() { return publisher_; }

 private:
  commit::RoleLease lease_;
  commit::Publisher publisher_;
};

}  // namespace

PipelineUnderTest::PipelineUnderTest(Types types, PipelineBounds bounds)
    : types_(std::move(types)),
      bounds_(bounds),
      store_(must(metadata::MetadataStore::open(lake_.store_path(), metadata::Access::kReadWrite,
                                                clock_))) {}

void PipelineUnderTest::write(std::vector<testing::FakeRecord> records) {
  RoleUnderTest role(metadata::Role::kBronzeWrite, store_, lake_, clock_);
  std::vector<testing::FakeBatch> batches;
  batches.push_back({.records = std::move(records)});
  testing::FakeSource source(std::move(batches));
  bronze::BronzeStage stage({}, {fs(), store_, role.publisher(), role.grant(), clock_}, source);
  must(stage.open());
  while (!must(stage.run_round({})).at_end) {
  }
  must(stage.finish());
}

void PipelineUnderTest::compact() {
  RoleUnderTest role(metadata::Role::kBronzeCompact, store_, lake_, clock_);
  bronze::BronzeCompactor compactor({fs(), store_, role.publisher(), role.grant(), clock_});
  must(compactor.run_once({}));
}

void PipelineUnderTest::stage() {
  RoleUnderTest role(metadata::Role::kSilverStage, store_, lake_, clock_);
  silver_stage::SilverStage stage(bounds_.stage,
                                  {fs(), store_, role.publisher(), role.grant(), clock_},
                                  {&types_.catalog, types_.settings});
  must(stage.run_once({}));
}

silver_current::MergeReport PipelineUnderTest::merge() {
  RoleUnderTest role(metadata::Role::kSilverMerge, store_, lake_, clock_);
  silver_current::SilverMerge merge(bounds_.merge,
                                    {fs(), store_, role.publisher(), role.grant(), clock_});
  auto report = must(merge.run_once({}, silver_current::Pace::kNow));
  must(merge.finish());
  return report;
}

void PipelineUnderTest::merge_twice(const std::function<void()>& between) {
  RoleUnderTest role(metadata::Role::kSilverMerge, store_, lake_, clock_);
  silver_current::SilverMerge merge(bounds_.merge,
                                    {fs(), store_, role.publisher(), role.grant(), clock_});
  must(merge.run_once({}, silver_current::Pace::kNow));
  between();
  must(merge.run_once({}, silver_current::Pace::kNow));
  must(merge.finish());
}

void PipelineUnderTest::keep_up() {
  RoleUnderTest role(metadata::Role::kUpkeep, store_, lake_, clock_);
  upkeep::UpkeepConfig config{.store_path = lake_.store_path(), .rewrite = {}};
  config.rewrite.quiet = std::chrono::seconds(0);
  config.rewrite.files_min = 2;
  upkeep::Upkeep upkeep(config, {fs(), store_, role.publisher(), role.grant(), clock_});
  if (!must(upkeep.turn({}, upkeep::Effort::kAll)).trouble.empty()) std::abort();
  must(upkeep.finish());
}

metadata::Table PipelineUnderTest::table_named(const std::string& table) {
  for (metadata::Table& candidate : must(store_.tables())) {
    if (candidate.id.display() == table) return candidate;
  }
  return {};
}

reference::Table PipelineUnderTest::current(const std::string& table,
                                            const reference::Reference& source) {
  const metadata::Table stored = table_named(table);
  if (stored.key == 0) return {};
  return must(read_current(fs(), stored.path_segment,
                           {source.column_types(table), source.key_columns(table)}));
}

reference::Cut PipelineUnderTest::merged(const std::string& table) {
  reference::Cut cut;
  const metadata::Table stored = table_named(table);
  if (stored.key == 0) return cut;
  for (const model::Position& position : must(store_.merge_positions(stored.key))) {
    cut[{position.partition.topic, position.partition.partition}] = position.next_offset;
  }
  return cut;
}

reference::Cut PipelineUnderTest::staged() {
  reference::Cut cut;
  for (const model::Position& position : must(store_.stage_positions())) {
    cut[{position.partition.topic, position.partition.partition}] = position.next_offset;
  }
  return cut;
}

std::vector<metadata::Flaw> PipelineUnderTest::flaws() { return must(store_.flaws()); }
std::vector<metadata::Run> PipelineUnderTest::runs_of(const std::string& job) {
  auto runs = must(store_.runs(1'000));
  std::erase_if(runs, [&](const metadata::Run& run) { return run.job != job; });
  return runs;
}
std::vector<metadata::Table> PipelineUnderTest::tables() { return must(store_.tables()); }

PipelineUnderTest::Types load_types(const std::string& catalog, const std::string& connector) {
  PipelineUnderTest::Types types;
  types.catalog = must(json_document::parse_catalog(reference::read_recording(catalog)));
  types.settings = must(debezium::ConnectorSettings::from_properties(
      must(json_document::parse_connector_config(reference::read_recording(connector)))));
  return types;
}

std::vector<testing::FakeRecord> load_records(const std::string& recording) {
  auto reader = must(
      recorded_topic::RecordedTopicReader::open({.path = recording, .incarnation = "recorded:1"}));
  std::vector<testing::FakeRecord> records;
  while (true) {
    const auto batch = must(reader.read(std::chrono::milliseconds{100}));
    for (const model::RawRecord& record : batch.records)
      records.push_back(testing::copy_of(record));
    if (batch.at_end) return records;
  }
}

}  // namespace cdclake::end_to_end
