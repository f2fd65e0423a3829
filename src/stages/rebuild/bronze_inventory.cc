#include "stages/rebuild/bronze_inventory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "formats/json_document/bronze_run_document.h"
#include "formats/json_document/segments_document.h"
#include "formats/parquet/parquet_reader.h"
#include "formats/record_files/segment_proof.h"
#include "platform/commit/prepare.h"
#include "stages/rebuild/run_folders.h"

namespace cdclake::rebuild {
namespace {

using metadata::FileKind;
using metadata::RebuiltFile;
using metadata::RunStatus;

constexpr const char* kFormat = "bronze/1";

/// A file with what its records say of the time.
struct ReadFile {
  RebuiltFile file;
  record_files::IngestTimes times;
};

struct ReadFolder {
  RunFolder folder;
  std::vector<ReadFile> files;

  std::int64_t first_us() const {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (const ReadFile& file : files) first = std::min(first, file.times.first_us);
    return first;
  }
};

tl::unexpected<Error> refuse(lake::LakeFs& fs, const NamedFile& file, const std::string& why) {
  return fail(ErrorKind::kCorrupt,
              "cannot rebuild from a file of Bronze: " + why +
                  " (bring it back from a copy of the lake; where there is none, move it out of "
                  "the lake: its offsets become a gap): " +
                  fs.absolute(file.path));
}

Result<RebuiltFile> read_footer(lake::LakeFs& fs, const NamedFile& file, const RunId& run) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto reader, parquet::ParquetReader::open(fs, file.path));
  const auto value = [&](const char* key) {
    const auto found = reader.footer().find(key);
    return found == reader.footer().end() ? std::string() : found->second;
  };
  if (value("cdclake.format") != kFormat) return refuse(fs, file, "its footer is not ours");
  if (value("cdclake.run") != run.value) {
    return refuse(fs, file, "it was written by another run than its folder says");
  }
  const auto role = file.kind == FileKind::kBronzePart ? metadata::Role::kBronzeWrite
                                                       : metadata::Role::kBronzeCompact;
  RebuiltFile read;
  read.run = run;
  read.bronze.file = commit::new_file(role, file.kind, file.path);
  read.bronze.file.id = FileId(value("cdclake.file"));
  read.bronze.file.rows = reader.row_count();
  CDCLAKE_ASSIGN_OR_RETURN(read.bronze.segments,
                           json_document::parse_segments(value("cdclake.segments")));
  if (read.bronze.segments.empty() || read.bronze.file.id.empty()) {
    return refuse(fs, file, "its footer names no segments");
  }
  read.bronze.topic = read.bronze.segments.front().partition.topic;
  return read;
}

Result<ReadFile> read_whole(lake::LakeFs& fs, const NamedFile& named, const RunId& run) {
  ReadFile read;
  CDCLAKE_ASSIGN_OR_RETURN(read.file, read_footer(fs, named, run));
  auto& bronze = read.file.bronze;
  CDCLAKE_ASSIGN_OR_RETURN(read.times,
                           record_files::prove_segments(fs, named.path, bronze.segments));
  CDCLAKE_ASSIGN_OR_RETURN(const lake::Content content, lake::read_content(fs, named.path));
  bronze.file.bytes = content.bytes;
  bronze.file.content = content.hash;
  read.file.committed_us = read.times.last_us;
  return read;
}

/// What is damaged is said with the way out.
Result<ReadFile> read_file(lake::LakeFs& fs, const NamedFile& named, const RunId& run) {
  auto read = read_whole(fs, named, run);
  if (read || read.error().kind != ErrorKind::kCorrupt) return read;
  if (read.error().message.starts_with("cannot rebuild")) return read;
  return refuse(fs, named, read.error().message);
}

/// Segments of a partition in offset order, each with the file that holds it.
using Places = std::map<model::PartitionId,
                        std::map<std::int64_t, std::pair<std::int64_t, const RebuiltFile*>>>;

Status add_places(lake::LakeFs& fs, const RebuiltFile& file, Places& places) {
  for (const model::Segment& segment : file.bronze.segments) {
    auto& partition = places[segment.partition];
    const auto next = partition.lower_bound(segment.range.first);
    const RebuiltFile* other = nullptr;
    if (next != partition.end() && next->first < segment.range.next) other = next->second.second;
    if (next != partition.begin() && std::prev(next)->second.first > segment.range.first) {
      other = std::prev(next)->second.second;
    }
    if (other != nullptr) {
      return fail(ErrorKind::kCorrupt,
                  "cannot rebuild: two files of Bronze hold the same offsets of " +
                      model::describe(segment.partition) + " (move the copy out of the lake): " +
                      fs.absolute(file.bronze.file.final_path) + " " +
                      fs.absolute(other->bronze.file.final_path));
    }
    partition.emplace_hint(next, segment.range.first, std::pair(segment.range.next, &file));
  }
  return {};
}

Status find_gaps(lake::LakeFs& fs, BronzeInventory& inventory) {
  Places places;
  for (const RebuiltFile& file : inventory.files) {
    CDCLAKE_RETURN_IF_ERROR(add_places(fs, file, places));
  }
  for (const auto& [partition, segments] : places) {
    std::int64_t reached = 0;
    for (const auto& [first, end] : segments) {
      if (first > reached) inventory.gaps.push_back({partition, {reached, first}, kGapReason});
      reached = end.first;
    }
  }
  return {};
}

/// Of all folders of one run. Manifests come before the row says that the run ended: where one is
/// missing it had not.
metadata::Run run_of(const std::vector<const ReadFolder*>& folders) {
  metadata::Run run;
  run.id = folders.front()->folder.run;
  run.job = "bronze_write";
  run.ingestion_date = folders.front()->folder.ingestion_date;
  run.details = json_document::to_json_text(json_document::BronzeRunDetails{});
  run.started_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t ended_us = 0;
  bool has_ended = true;
  for (const ReadFolder* it : folders) {
    for (const ReadFile& file : it->files) {
      run.started_us = std::min(run.started_us, file.times.first_us);
      ended_us = std::max(ended_us, file.times.last_us);
    }
    has_ended = has_ended && it->folder.end.has_value();
    if (!it->folder.end) continue;
    run.status = it->folder.end->status;
    run.details = it->folder.end->details;
  }
  if (has_ended) {
    run.ended_us = ended_us;
  } else {
    run.status = RunStatus::kRunning;
  }
  return run;
}

std::vector<metadata::Run> runs_of(const std::vector<ReadFolder>& folders) {
  std::map<RunId, std::vector<const ReadFolder*>> by_run;
  for (const ReadFolder& folder : folders) by_run[folder.folder.run].push_back(&folder);
  std::vector<metadata::Run> runs;
  for (const auto& [id, of_run] : by_run) runs.push_back(run_of(of_run));
  std::ranges::sort(runs, {},
                    [](const metadata::Run& run) { return std::pair(run.started_us, run.id); });
  return runs;
}

}  // namespace

Result<BronzeInventory> take_bronze_inventory(lake::LakeFs& fs, const Progress& progress) {
  CDCLAKE_ASSIGN_OR_RETURN(auto listed, list_run_folders(fs));
  std::int64_t all = 0;
  for (const RunFolder& folder : listed) all += static_cast<std::int64_t>(folder.files.size());
  std::int64_t done = 0;
  std::vector<ReadFolder> folders;
  for (RunFolder& folder : listed) {
    ReadFolder read{.folder = std::move(folder), .files = {}};
    for (const NamedFile& file : read.folder.files) {
      CDCLAKE_ASSIGN_OR_RETURN(read.files.emplace_back(), read_file(fs, file, read.folder.run));
      if (progress) progress(++done, all);
    }
    folders.push_back(std::move(read));
  }
  BronzeInventory inventory{.runs = runs_of(folders), .files = {}, .gaps = {}};
  std::ranges::sort(folders, {}, [](const ReadFolder& folder) {
    return std::pair(folder.first_us(), folder.folder.path);
  });
  for (ReadFolder& folder : folders) {
    for (ReadFile& file : folder.files) inventory.files.push_back(std::move(file.file));
  }
  CDCLAKE_RETURN_IF_ERROR(find_gaps(fs, inventory));
  return inventory;
}

}  // namespace cdclake::rebuild
