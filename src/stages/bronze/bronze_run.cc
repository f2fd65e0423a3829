#include "stages/bronze/bronze_run.h"

#include <utility>

#include "base/assert.h"
#include "base/failpoint.h"
#include "formats/json_document/bronze_run_document.h"
#include "platform/commit/prepare.h"
#include "stages/bronze/folder_texts.h"
#include "stages/bronze/manifest.h"
#include "stages/bronze/run_folder.h"

namespace cdclake::bronze {
namespace {

constexpr const char* kJob = "bronze_write";

/// `run` as it will be in the store, which hears of the end afterwards. Crash between the steps:
/// texts of an end, and a run that is RUNNING; the next start ends it as dead and writes the texts
/// again.
Status write_texts(const BronzeContext& context, const metadata::Run& run) {
  CDCLAKE_ASSIGN_OR_RETURN(auto files, context.store.bronze_files_of_run(run.id));
  for (const auto& [folder, in_folder] : by_folder(std::move(files))) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto texts, folder_texts(run, in_folder));
    CDCLAKE_RETURN_IF_ERROR(write_folder_texts(context, folder, texts));
  }
  failpoint("bronze.texts_written");
  return {};
}

}  // namespace

BronzeRun::BronzeRun(commit::JobRun run) : run_(std::move(run)) {}

Result<BronzeRun> BronzeRun::begin(const BronzeContext& context, const BronzeConfig& config) {
  commit::JobRun run({context.store, context.lease, context.clock}, kJob,
                     {.time_max = config.run_time_max, .bytes_max = config.run_bytes_max});
  CDCLAKE_RETURN_IF_ERROR(run.begin(json_document::to_json_text(
      json_document::BronzeRunDetails{.kafka_group_id = config.kafka_group_id, .error = {}})));
  failpoint("bronze.run_begun");
  return BronzeRun(std::move(run));
}

bool BronzeRun::takes(const model::PartitionId& partition) const {
  const auto place = topics_.find(partition.topic);
  return place == topics_.end() || place->second.incarnation == partition.incarnation;
}

BronzePlace BronzeRun::next_place(const model::PartitionId& partition) {
  CDCLAKE_ASSERT(takes(partition));
  Topic& topic = topics_[partition.topic];
  topic.incarnation = partition.incarnation;
  const lake::LakePath folder = run_folder(partition.topic, run_.row().ingestion_date, run_.id());
  return BronzePlace{
      .file = commit::new_file(metadata::Role::kBronzeWrite, metadata::FileKind::kBronzePart,
                               folder / part_name(++topic.files)),
      .run = run_.id(),
      .topic = partition.topic};
}

Status BronzeRun::end(const BronzeContext& context, metadata::RunStatus status,
                      const std::optional<std::string>& error) {
  metadata::Run ended = run_.row();
  ended.status = status;
  if (error) {
    CDCLAKE_ASSIGN_OR_RETURN(auto details, json_document::parse_bronze_run_details(ended.details));
    details.error = error;
    ended.details = json_document::to_json_text(details);
  }
  CDCLAKE_RETURN_IF_ERROR(write_texts(context, ended));
  return run_.end(status, ended.details);
}

Result<std::vector<RunId>> end_dead_runs(const BronzeContext& context) {
  CDCLAKE_ASSIGN_OR_RETURN(auto dead, context.store.unfinished_runs(kJob));
  std::vector<RunId> ids;
  for (metadata::Run& run : dead) {
    run.status = metadata::RunStatus::kAborted;
    CDCLAKE_RETURN_IF_ERROR(write_texts(context, run));
    CDCLAKE_RETURN_IF_ERROR(context.store.end_run(context.lease, run.id, run.status, run.details));
    ids.push_back(run.id);
  }
  return ids;
}

}  // namespace cdclake::bronze
