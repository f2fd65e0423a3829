#include "stages/bronze/bronze_compactor.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "formats/record_files/record_file_reader.h"
#include "formats/record_files/record_file_writer.h"
#include "formats/record_files/segment_proof.h"
#include "platform/commit/locate.h"
#include "platform/commit/prepare.h"
#include "platform/lake/lake_layout.h"
#include "stages/bronze/bronze_writer.h"
#include "stages/bronze/manifest.h"
#include "stages/bronze/run_folder.h"

namespace cdclake::bronze {
namespace {

using metadata::CompactableFolder;

std::vector<model::Segment> segments_of(const CompactableFolder& folder) {
  std::vector<model::Segment> segments;
  for (const auto& part : folder.parts) {
    segments.insert(segments.end(), part.segments.begin(), part.segments.end());
  }
  return segments;
}

std::string ids_of(const std::vector<metadata::StoredBronzeFile>& parts) {
  std::string ids;
  for (const auto& part : parts) ids += (ids.empty() ? "" : " ") + part.id.value;
  return ids;
}

metadata::FolderView view_of(const CompactableFolder& folder, const metadata::PreparedFile& file,
                             std::map<std::string, std::string> texts) {
  return {.folder = folder.folder,
          .marker = lake::kCompactedMarker,
          .version = file.id.value,
          .links = {{.name = kCompactedName, .file = file.id}},
          .texts = std::move(texts)};
}

}  // namespace

BronzeCompactor::BronzeCompactor(BronzeContext context, Progress progress, CompactionLimits limits)
    : context_(context),
      progress_(std::move(progress)),
      limits_(limits),
      allowance_(limits.memory_bytes, context.spare_memory) {}

Result<CompactionReport> BronzeCompactor::run_once(const std::stop_token& stop) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto folders, context_.store.compactable_folders());
  CompactionReport total;
  for (const CompactableFolder& folder : folders) {
    if (stop.stop_requested()) break;
    CDCLAKE_ASSIGN_OR_RETURN(const auto run, context_.store.run(folder.run));
    const auto done = compact(folder, run, stop);
    allowance_.settle();
    if (!done && done.error().kind == ErrorKind::kCancelled) break;
    CDCLAKE_RETURN_IF_ERROR(done);
    ++total.folders;
    total.parts += done->parts;
    total.records += done->records;
    total.bytes_before += done->bytes_before;
    total.bytes_after += done->bytes_after;
    if (progress_) progress_(folder, *done);
  }
  return total;
}

/// Copies the records of the parts, in order, with the times at which they were first written.
/// kCancelled where `stop` is asked for.
Result<std::int64_t> BronzeCompactor::copy_records(const CompactableFolder& folder,
                                                   const std::map<std::string, std::string>& footer,
                                                   const std::stop_token& stop,
                                                   lake::FileWriter& out) {
  CDCLAKE_ASSIGN_OR_RETURN(auto writer,
                           record_files::RecordFileWriter::open(out, limits_.group_bytes_max));
  for (const auto& part : folder.parts) {
    const auto partitions = record_files::partitions_of(part.segments);
    CDCLAKE_ASSIGN_OR_RETURN(const auto path, commit::locate(context_.fs, context_.store, part.id));
    CDCLAKE_ASSIGN_OR_RETURN(auto reader,
                             record_files::RecordFileReader::open(context_.fs, path, partitions,
                                                                  limits_.group_bytes_max));
    CDCLAKE_RETURN_IF_ERROR(allowance_.cover(reader.batch_bytes() * kTimesHeld,
                                             "a Bronze file of topic " + folder.topic, stop));
    for (;;) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto records, reader.next());
      if (records.empty()) break;
      if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "compaction was stopped");
      for (std::size_t i = 0; i < records.size(); ++i) {
        CDCLAKE_RETURN_IF_ERROR(writer.append(records[i], reader.ingest_ts_us(i)));
      }
    }
  }
  return std::move(writer).finish(footer);
}

/// The durable steps, in order.
Result<CompactionReport> BronzeCompactor::compact(const CompactableFolder& folder,
                                                  const metadata::Run& run,
                                                  const std::stop_token& stop) {
  BronzePlace place{
      .file = commit::new_file(metadata::Role::kBronzeCompact, metadata::FileKind::kBronzeCompacted,
                               folder.folder / kCompactedName),
      .run = folder.run,
      .topic = folder.topic};
  const auto segments = segments_of(folder);
  auto footer = footer_of(place, segments);
  footer.emplace("cdclake.replaces", ids_of(folder.parts));

  CDCLAKE_ASSIGN_OR_RETURN(auto out, context_.fs.create(place.file.hidden));
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t rows, copy_records(folder, footer, stop, *out));
  CDCLAKE_ASSIGN_OR_RETURN(auto file,
                           seal_bronze_file(context_.fs, *out, std::move(place.file), rows));
  CDCLAKE_RETURN_IF_ERROR(record_files::prove_segments(context_.fs, file.hidden, segments, stop));
  failpoint("bronze.compaction_proved");

  metadata::StoredBronzeFile stored{.id = file.id,
                                    .path = file.final_path,
                                    .run = folder.run,
                                    .topic = folder.topic,
                                    .rows = rows,
                                    .bytes = file.bytes,
                                    .kind = file.kind,
                                    .segments = segments};
  CDCLAKE_ASSIGN_OR_RETURN(auto texts, folder_texts(run, {std::move(stored)}));
  metadata::CompactionCommit commit{
      .run = folder.run,
      .compacted = {.file = file, .topic = folder.topic, .segments = segments},
      .superseded = {},
      .view = view_of(folder, file, std::move(texts))};
  CompactionReport report{.folders = 1,
                          .parts = static_cast<std::int64_t>(folder.parts.size()),
                          .records = rows,
                          .bytes_before = 0,
                          .bytes_after = file.bytes};
  for (const auto& part : folder.parts) {
    commit.superseded.push_back(part.id);
    report.bytes_before += part.bytes;
  }
  CDCLAKE_RETURN_IF_ERROR(context_.publisher.run(commit));
  return report;
}

}  // namespace cdclake::bronze
