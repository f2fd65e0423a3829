#include "stages/audit/name_audit.h"

#include "platform/lake/lake_layout.h"

namespace cdclake::audit {
namespace {

using metadata::FileAccount;
using metadata::FileKind;
using metadata::FileState;

using Names = std::set<lake::LakePath>;

bool is_bronze(FileKind kind) {
  return kind == FileKind::kBronzePart || kind == FileKind::kBronzeCompacted;
}

void add_file(const FileAccount& account, Names& names) {
  const metadata::PreparedFile& file = account.file;
  if (account.state == FileState::kPrepared) names.insert(file.hidden);
  const bool is_out =
      account.state == FileState::kSuperseded || account.state == FileState::kExpired;
  const bool is_in_old_side = is_out && (is_bronze(file.kind) || file.kind == FileKind::kStage);
  if (is_in_old_side) return;
  names.insert(file.final_path);
  if (!is_bronze(file.kind)) return;
  // Written at the end of a run, before or with its compaction.
  for (const char* text : {lake::kManifestName, lake::kSuccessName, lake::kCompactedMarker}) {
    names.insert(file.final_path.parent() / text);
  }
}

Names names_of(const metadata::Accounts& accounts) {
  Names names;
  for (const lake::Root root : {lake::Root::kBronze, lake::Root::kSilver}) {
    names.insert(lake::private_folder(root) / "lake.json");
  }
  for (const FileAccount& it : accounts.files) add_file(it, names);
  for (const metadata::FolderView& view : accounts.folders) {
    if (!view.marker.empty()) names.insert(view.folder / view.marker);
    for (const auto& link : view.links) names.insert(view.folder / link.name);
    for (const auto& [name, text] : view.texts) names.insert(view.folder / name);
  }
  return names;
}

bool is_inside_one(const lake::LakePath& path, const Names& folders) {
  for (lake::LakePath up = path.parent(); !up.relative.empty(); up = up.parent()) {
    if (folders.contains(up)) return true;
  }
  return false;
}

/// What was swapped out of sight, and folders that a committed version is still to be swapped into:
/// the version before lies there.
Names old_sides_of(const metadata::Accounts& accounts) {
  Names folders(accounts.asides.begin(), accounts.asides.end());
  for (const metadata::FolderView& view : accounts.folders) {
    if (!view.is_published) folders.insert(view.folder);
  }
  return folders;
}

/// How many files the store has named, as the lake notes it.
bool is_note(const lake::LakePath& path) {
  return path.parent() == lake::private_folder(lake::Root::kBronze) / "files_named";
}

/// Written once into a folder of the stage that was made again.
bool is_mark_of_rebuild(const lake::LakePath& path) {
  return path.name() == lake::kRebuiltMarker && path.relative.starts_with("stage_events");
}

/// Who left the file: the role at the head of a name in `wip` or `aside`, or a first start that
/// was making the lake; empty elsewhere.
std::string role_of(const lake::LakePath& path) {
  const std::string top = lake::private_folder(path.root).relative + "/";
  for (const char* made_first : {"lake-", "probe-"}) {
    if (path.relative.starts_with(top + made_first)) return "a first start";
  }
  if (path.relative.starts_with(top + "rebuild/")) return "a rebuild";
  for (const char* folder : {"wip", "aside"}) {
    const std::string prefix = (lake::private_folder(path.root) / folder).relative + "/";
    if (path.relative.starts_with(prefix)) {
      const std::string name = path.relative.substr(prefix.size());
      return name.substr(0, name.find('-'));
    }
  }
  return {};
}

}  // namespace

void audit_names(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
                 const std::set<std::string>& at_work, Findings& findings) {
  for (const FileAccount& it : accounts.files) {
    if (it.state != FileState::kPrepared || at_work.contains(it.role)) continue;
    findings.push_back(about_path(Fault::kUnfinished,
                                  "committed by " + it.role + ", and not published yet",
                                  fs.absolute(it.file.final_path)));
  }
  const Names names = names_of(accounts);
  const Names old_sides = old_sides_of(accounts);
  for (const auto& [path, entry] : listing) {
    if (names.contains(path) || is_inside_one(path, old_sides) || is_note(path) ||
        is_mark_of_rebuild(path)) {
      continue;
    }
    const std::string role = role_of(path);
    if (at_work.contains(role)) continue;
    const Fault fault = role.empty() ? Fault::kFileUnnamed : Fault::kUnfinished;
    findings.push_back(about_path(
        fault,
        role.empty() ? "nothing names this file (" + std::to_string(entry.size) + " bytes)"
                     : "left by " + role + " and never committed",
        fs.absolute(path)));
  }
}

}  // namespace cdclake::audit
