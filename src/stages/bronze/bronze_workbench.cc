#include "stages/bronze/bronze_workbench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <tuple>

#include "formats/record_files/record_file_reader.h"
#include "formats/record_files/segment_proof.h"
#include "testing/matchers.h"

namespace cdclake::bronze {
namespace {

using metadata::Role;
using testing::FakeRecord;

void add(BronzeReport& total, BronzeReport&& report) {
  total.run = report.run;
  total.records += report.records;
  total.files += report.files;
  total.records_read_again += report.records_read_again;
  total.gaps.insert(total.gaps.end(), report.gaps.begin(), report.gaps.end());
  total.ended.insert(total.ended.end(), report.ended.begin(), report.ended.end());
}

}  // namespace

Result<BronzeReport> BronzeWorkbench::write(model::RecordSource& source,
                                            const BronzeConfig& config) {
  const auto& lease = store.lease(Role::kBronzeWrite);
  commit::Publisher publisher(fs(), *store, lease);
  CDCLAKE_RETURN_IF_ERROR(publisher.recover());
  BronzeStage stage(config, {fs(), *store, publisher, lease, clock}, source);
  CDCLAKE_ASSIGN_OR_RETURN(BronzeReport total, stage.open());
  for (bool at_end = false; !at_end;) {
    CDCLAKE_ASSIGN_OR_RETURN(auto report, stage.run_round({}));
    at_end = report.at_end;
    add(total, std::move(report));
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto last, stage.finish());
  add(total, std::move(last));
  return total;
}

Result<BronzeReport> BronzeWorkbench::write(std::vector<testing::FakeBatch> batches,
                                            const BronzeConfig& config) {
  testing::FakeSource source(std::move(batches));
  return write(source, config);
}

Result<CompactionReport> BronzeWorkbench::compact() {
  const auto& lease = store.lease(Role::kBronzeCompact);
  commit::Publisher publisher(fs(), *store, lease);
  CDCLAKE_RETURN_IF_ERROR(publisher.recover());
  BronzeCompactor compactor({fs(), *store, publisher, lease, clock});
  return compactor.run_once({});
}

std::vector<FakeRecord> BronzeWorkbench::records() {
  std::map<lake::LakePath, std::vector<model::Segment>> files;
  const auto positions = store->bronze_positions().value();
  for (const model::Position& position : positions) {
    const model::OffsetRange all{0, std::numeric_limits<std::int64_t>::max()};
    const auto stored = store->bronze_files(position.partition, all).value();
    for (const auto& file : stored) files[file.path] = file.segments;
  }
  std::vector<FakeRecord> found;
  std::vector<std::string> paths;
  for (const auto& [path, segments] : files) {
    paths.push_back(path.relative.substr(std::string("cdc/").size()));
    EXPECT_THAT(record_files::prove_segments(lake.fs(), path, segments), testing::IsOk());
    const auto partitions = record_files::partitions_of(segments);
    auto reader = record_files::RecordFileReader::open(lake.fs(), path, partitions).value();
    for (auto batch = reader.next().value(); !batch.empty(); batch = reader.next().value()) {
      for (const model::RawRecord& record : batch) found.push_back(testing::copy_of(record));
    }
  }
  EXPECT_EQ(names(".parquet"), paths);
  std::ranges::sort(found, {}, [](const FakeRecord& record) {
    return std::tuple(record.topic, record.partition, record.offset);
  });
  return found;
}

std::vector<std::string> BronzeWorkbench::names(const std::string& end) const {
  const std::filesystem::path root = lake.folder() / "bronze/cdc";
  std::vector<std::string> names;
  if (!std::filesystem::exists(root)) return names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string path = entry.path().lexically_relative(root);
    if (entry.is_regular_file() && path.ends_with(end)) names.push_back(path);
  }
  std::ranges::sort(names);
  return names;
}

std::string BronzeWorkbench::text(const std::string& name) const {
  const auto found = names("/" + name);
  if (found.size() != 1) return "(" + std::to_string(found.size()) + " files " + name + ")";
  std::ifstream file(std::filesystem::path(lake.folder() / "bronze/cdc") / found.front());
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::int64_t BronzeWorkbench::position(const std::string& topic, std::int32_t partition) {
  const auto positions = store->bronze_positions().value();
  for (const model::Position& position : positions) {
    if (position.partition.topic == topic && position.partition.partition == partition) {
      return position.next_offset;
    }
  }
  return 0;
}

}  // namespace cdclake::bronze
