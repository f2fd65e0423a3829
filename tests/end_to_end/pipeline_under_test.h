#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "formats/debezium/table_plans/connector_settings.h"
#include "model/source_catalog.h"
#include "platform/commit/role_lease.h"
#include "platform/metadata/metadata_store.h"
#include "stages/silver_current/silver_merge.h"
#include "stages/silver_stage/silver_stage.h"
#include "testing/fake_record.h"
#include "testing/reference/reference_fold.h"
#include "testing/temp_lake.h"

namespace cdclake::end_to_end {

/// How much a stage takes at once; small ones make many commits of few rows.
struct PipelineBounds {
  silver_stage::SilverStageConfig stage;
  silver_current::SilverMergeConfig merge;
};

/// The four stages, and upkeep, over a real lake and a real store in a folder of its own, one call
/// a stage. Any failure of a stage ends the process: tests compare tables, not errors.
class PipelineUnderTest {
 public:
  struct Types {
    model::SourceCatalog catalog;
    debezium::ConnectorSettings settings;
  };
  explicit PipelineUnderTest(Types types, PipelineBounds bounds = {});

  /// One run of the Bronze writer that reads these records to their end.
  void write(std::vector<testing::FakeRecord> records);
  void compact();
  void stage();
  silver_current::MergeReport merge();
  /// Two passes of one process.
  void merge_twice(const std::function<void()>& between);

  /// Puts every two merged stage files of a day together.
  void keep_up();

  reference::Table current(const std::string& table, const reference::Reference& source);
  /// How far the table's merge came, as the reference cuts.
  reference::Cut merged(const std::string& table);
  reference::Cut staged();  ///< Of every topic.
  std::vector<metadata::Flaw> flaws();
  std::vector<metadata::Table> tables();
  std::vector<metadata::Run> runs_of(const std::string& job);
  lake::LakeFs& fs() { return lake_.fs(); }
  std::string store_path() const { return lake_.store_path(); }

 private:
  metadata::Table table_named(const std::string& table);

  SystemClock clock_;
  testing::TempLake lake_;
  Types types_;
  PipelineBounds bounds_;
  metadata::MetadataStore store_;
};

/// Reads catalog and connector configuration files.
PipelineUnderTest::Types load_types(const std::string& catalog, const std::string& connector);
/// Every record of a recorded topic, in the file's order.
std::vector<testing::FakeRecord> load_records(const std::string& recording);

}  // namespace cdclake::end_to_end
