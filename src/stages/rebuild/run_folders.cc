#include "stages/rebuild/run_folders.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "formats/json_document/bronze_run_document.h"
#include "formats/json_document/manifest_document.h"
#include "platform/lake/lake_layout.h"

namespace cdclake::rebuild {
namespace {

using metadata::FileKind;
using metadata::RunStatus;

/// Folders of a level whose names begin with `<key>=`.
Result<std::vector<lake::LakePath>> below(lake::LakeFs& fs,
                                          const std::vector<lake::LakePath>& parents,
                                          std::string_view key) {
  std::vector<lake::LakePath> found;
  for (const lake::LakePath& parent : parents) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(parent));
    for (const lake::Entry& entry : entries) {
      const bool is_level = entry.name.starts_with(std::string(key) + "=");
      if (is_level && entry.type == lake::EntryType::kFolder) found.push_back(parent / entry.name);
    }
  }
  return found;
}

std::string value_of(std::string_view segment) {
  return std::string(segment.substr(segment.find('=') + 1));
}

/// `events_00001.parquet`, `events_compacted.parquet`; nothing where it is no name of ours.
std::optional<FileKind> kind_of(std::string_view name) {
  constexpr std::string_view kPrefix = "events_";
  constexpr std::string_view kSuffix = ".parquet";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  if (name == "compacted") return FileKind::kBronzeCompacted;
  const bool is_number =
      !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number ? std::optional(FileKind::kBronzePart) : std::nullopt;
}

std::optional<RunStatus> status_of(std::string_view word) {
  for (const auto status : {RunStatus::kSuccess, RunStatus::kFailed, RunStatus::kAborted}) {
    if (word == metadata::to_string(status)) return status;
  }
  return std::nullopt;
}

std::optional<RunFolder::End> end_of(lake::LakeFs& fs, const RunFolder& folder) {
  const auto text = lake::read_text(fs, folder.path / lake::kManifestName);
  if (!text) return std::nullopt;
  auto manifest = json_document::parse_manifest(*text);
  if (!manifest || manifest->run_id != folder.run) return std::nullopt;
  const auto status = status_of(manifest->status);
  if (!status) return std::nullopt;
  return RunFolder::End{.status = *status,
                        .details = json_document::to_json_text(json_document::BronzeRunDetails{
                            .kafka_group_id = std::move(manifest->kafka_group_id),
                            .error = std::move(manifest->error)})};
}

/// By number: names of more digits come later.
bool is_before(const NamedFile& one, const NamedFile& other) {
  return std::pair(one.path.name().size(), one.path.name()) <
         std::pair(other.path.name().size(), other.path.name());
}

}  // namespace

Result<std::vector<RunFolder>> list_run_folders(lake::LakeFs& fs) {
  std::vector<lake::LakePath> paths = {{lake::Root::kBronze, "cdc"}};
  for (const char* key : {"source", "table", "ingestion_date", "run_id"}) {
    CDCLAKE_ASSIGN_OR_RETURN(paths, below(fs, paths, key));
  }
  std::vector<RunFolder> folders;
  for (const lake::LakePath& path : paths) {
    RunFolder folder{.path = path,
                     .run = RunId(value_of(path.name())),
                     .ingestion_date = value_of(path.parent().name()),
                     .files = {},
                     .end = {}};
    CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(path));
    for (const lake::Entry& entry : entries) {
      const auto kind = kind_of(entry.name);
      if (kind) folder.files.push_back({path / entry.name, *kind});
    }
    if (folder.files.empty()) continue;
    std::ranges::sort(folder.files, is_before);
    folder.end = end_of(fs, folder);
    folders.push_back(std::move(folder));
  }
  return folders;
}

}  // namespace cdclake::rebuild
