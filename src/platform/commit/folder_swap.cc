#include "platform/commit/folder_swap.h"

#include <set>

#include "base/failpoint.h"
#include "base/hash128.h"
#include "platform/commit/locate.h"
#include "platform/lake/lake_layout.h"

namespace cdclake::commit {
namespace {

Status write_text(lake::LakeFs& fs, const lake::LakePath& path, const std::string& text) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(path));
  CDCLAKE_RETURN_IF_ERROR(file->append(text));
  return file->sync_and_close();
}

/// A folder that left, or was left by the files, shows none of them; nor does one of the same name
/// that was made since.
Result<bool> shows_none_of(lake::LakeFs& fs, const lake::LakePath& folder,
                           const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(folder / name));
    if (entry.type != lake::EntryType::kAbsent) return false;
  }
  return true;
}

}  // namespace

lake::LakePath aside_folder(lake::Root root) { return lake::private_folder(root) / "aside"; }

Result<std::span<const lake::Entry>> AsideNames::of(lake::Root root) {
  auto found = listed_.find(root);
  if (found == listed_.end()) {
    CDCLAKE_ASSIGN_OR_RETURN(auto entries, fs_.list(aside_folder(root)));
    found = listed_.emplace(root, std::move(entries)).first;
  }
  return found->second;
}

Result<bool> shows_version(lake::LakeFs& fs, const metadata::FolderView& view,
                           const lake::LakePath& folder) {
  if (!view.leaving.empty()) return shows_none_of(fs, folder, view.leaving);
  const lake::LakePath marker = folder / view.marker;
  CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(marker));
  if (entry.type != lake::EntryType::kFile) return false;
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, lake::read_text(fs, marker));
  return text == lake::marker_text(view.version);
}

FolderSwap::FolderSwap(lake::LakeFs& fs, const metadata::LeaseGrant& lease,
                       const metadata::FolderView& view)
    : fs_(fs), view_(view), role_(to_string(lease.role)) {
  aside_ = aside_folder(view.folder.root) /
           (role_ + "-" + std::to_string(lease.epoch) + "-" + hash_of_version());
  record_.folder = view.folder;
}

Status FolderSwap::prepare(metadata::MetadataStore& store, AsideNames& asides) {
  CDCLAKE_ASSIGN_OR_RETURN(const bool shown, shows_version(fs_, view_, view_.folder));
  // Swapped by a process that died before it could say so: its old side is still to be recorded.
  if (shown) return find_old_sides(asides);
  CDCLAKE_ASSIGN_OR_RETURN(const auto there, fs_.stat(view_.folder));
  if (there.type == lake::EntryType::kAbsent) {
    step_ = Step::kFirstName;
    CDCLAKE_RETURN_IF_ERROR(fs_.make_folders(view_.folder.parent()));
  } else {
    step_ = Step::kExchange;
    record_.asides.push_back(aside_);
  }
  return build(store);
}

Status FolderSwap::build(metadata::MetadataStore& store) {
  // A failed attempt of this very process may have left a part of it.
  CDCLAKE_RETURN_IF_ERROR(fs_.remove_tree(aside_));
  CDCLAKE_RETURN_IF_ERROR(fs_.make_folders(aside_));
  std::set<lake::LakePath> inner;
  for (const metadata::FolderView::Link& link : view_.links) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto bytes, locate(fs_, store, link.file));
    const lake::LakePath name = aside_ / link.name;
    if (name.parent() != aside_ && inner.insert(name.parent()).second) {
      CDCLAKE_RETURN_IF_ERROR(fs_.make_folders(name.parent()));
    }
    CDCLAKE_RETURN_IF_ERROR(fs_.link(bytes, name));
    linked_.insert(link.name);
  }
  if (!view_.leaving.empty()) CDCLAKE_RETURN_IF_ERROR(link_what_lives(store));
  for (const lake::LakePath& folder : inner) CDCLAKE_RETURN_IF_ERROR(fs_.sync_folder(folder));
  for (const auto& [name, text] : view_.texts) {
    CDCLAKE_RETURN_IF_ERROR(write_text(fs_, aside_ / name, text));
  }
  if (!view_.marker.empty()) {
    CDCLAKE_RETURN_IF_ERROR(
        write_text(fs_, aside_ / view_.marker, lake::marker_text(view_.version)));
  }
  CDCLAKE_RETURN_IF_ERROR(fs_.sync_folder(aside_));
  failpoint("commit.after_aside");
  return {};
}

/// Returns whether anything lives in the folder. What is committed and still hidden is not linked:
/// whoever committed it gives it its final name.
Result<bool> FolderSwap::link_what_lives(metadata::MetadataStore& store) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto files, store.upkeep().live_files_in(view_.folder));
  for (const metadata::PreparedFile& file : files) {
    const std::string name(file.final_path.name());
    if (linked_.contains(name)) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs_.stat(file.final_path));
    if (entry.type != lake::EntryType::kFile) continue;
    CDCLAKE_RETURN_IF_ERROR(fs_.link(file.final_path, aside_ / name));
    linked_.insert(name);
  }
  return !files.empty();
}

Status FolderSwap::apply(metadata::MetadataStore& store) {
  if (step_ == Step::kFirstName) CDCLAKE_RETURN_IF_ERROR(fs_.rename(aside_, view_.folder));
  if (step_ == Step::kExchange) CDCLAKE_RETURN_IF_ERROR(exchange_or_leave(store));
  failpoint("commit.after_exchange");
  return {};
}

Status FolderSwap::exchange_or_leave(metadata::MetadataStore& store) {
  if (!view_.leaving.empty()) {
    const std::size_t before = linked_.size();
    CDCLAKE_ASSIGN_OR_RETURN(const bool is_lived_in, link_what_lives(store));
    if (!is_lived_in) {
      // Crash between the two: the folder is still as it was, and the next start comes here again.
      CDCLAKE_RETURN_IF_ERROR(fs_.remove_tree(aside_));
      return fs_.rename(view_.folder, aside_);
    }
    if (linked_.size() > before) CDCLAKE_RETURN_IF_ERROR(fs_.sync_folder(aside_));
  }
  return fs_.exchange(aside_, view_.folder);
}

std::array<lake::LakePath, 2> FolderSwap::changed_folders() const {
  return {view_.folder.parent(), aside_.parent()};
}

Status FolderSwap::find_old_sides(AsideNames& asides) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, asides.of(view_.folder.root));
  for (const lake::Entry& entry : entries) {
    if (!entry.name.starts_with(role_ + "-") || !entry.name.ends_with("-" + hash_of_version())) {
      continue;
    }
    const lake::LakePath folder = aside_.parent() / entry.name;
    // What was built and never exchanged: the swap may have been made by a later process.
    CDCLAKE_ASSIGN_OR_RETURN(const bool is_new_side, shows_version(fs_, view_, folder));
    if (!is_new_side) record_.asides.push_back(folder);
  }
  return {};
}

std::string FolderSwap::hash_of_version() const {
  return hash128(view_.folder.relative + "\n" + view_.version).to_hex();
}

}  // namespace cdclake::commit
