#include "stages/bronze/manifest.h"

#include <algorithm>
#include <utility>

#include "formats/json_document/bronze_run_document.h"
#include "formats/json_document/manifest_document.h"
#include "platform/lake/lake_layout.h"

namespace cdclake::bronze {
namespace {

void add_offsets(json_document::Manifest& manifest, const StoredBronzeFile& file) {
  for (const model::Segment& segment : file.segments) {
    auto& last = manifest.last_offsets[segment.partition.topic][segment.partition.partition];
    last = std::max(last, segment.range.next - 1);
  }
}

}  // namespace

Result<std::map<std::string, std::string>> folder_texts(
    const metadata::Run& run, const std::vector<StoredBronzeFile>& files) {
  CDCLAKE_ASSIGN_OR_RETURN(auto details, json_document::parse_bronze_run_details(run.details));
  json_document::Manifest manifest{.run_id = run.id,
                                   .ingestion_date = run.ingestion_date,
                                   .status = std::string(metadata::to_string(run.status)),
                                   .kafka_group_id = std::move(details.kafka_group_id),
                                   .topics = {},
                                   .files_written = {},
                                   .last_offsets = {},
                                   .error = std::move(details.error)};
  for (const StoredBronzeFile& file : files) {
    if (manifest.topics.empty() || manifest.topics.back() != file.topic) {
      manifest.topics.push_back(file.topic);
    }
    manifest.files_written.push_back(file.path.relative);
    add_offsets(manifest, file);
  }
  std::map<std::string, std::string> texts{
      {lake::kManifestName, json_document::to_json_text(manifest)}};
  if (run.status == metadata::RunStatus::kSuccess) texts.emplace(lake::kSuccessName, "");
  return texts;
}

std::map<lake::LakePath, std::vector<StoredBronzeFile>> by_folder(
    std::vector<StoredBronzeFile> files) {
  std::map<lake::LakePath, std::vector<StoredBronzeFile>> folders;
  for (StoredBronzeFile& file : files) folders[file.path.parent()].push_back(std::move(file));
  return folders;
}

}  // namespace cdclake::bronze
