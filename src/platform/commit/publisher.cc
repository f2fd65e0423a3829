#include "platform/commit/publisher.h"

#include <algorithm>
#include <set>

#include "base/failpoint.h"
#include "platform/commit/folder_swap.h"
#include "platform/commit/lake_binding.h"

namespace cdclake::commit {
namespace {

using metadata::PreparedFile;

/// Gives a committed file its final name, whatever an earlier attempt has done of it.
Status give_final_name(lake::LakeFs& fs, const PreparedFile& file) {
  const Status renamed = fs.rename(file.hidden, file.final_path);
  failpoint("commit.after_rename");
  if (renamed) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const auto hidden, fs.stat(file.hidden));
  CDCLAKE_ASSIGN_OR_RETURN(const auto final_entry, fs.stat(file.final_path));
  if (final_entry.type == lake::EntryType::kAbsent) {
    if (hidden.type != lake::EntryType::kAbsent) return renamed;
    return fail(ErrorKind::kCorrupt,
                "a committed file is neither at its hidden nor at its final name: " +
                    fs.absolute(file.hidden) + " " + fs.absolute(file.final_path));
  }
  // An earlier attempt renamed it. After a power cut a file system without a journal may show both.
  CDCLAKE_RETURN_IF_ERROR(lake::verify_content(fs, file.final_path, file.bytes, file.content));
  return fs.remove_file(file.hidden);
}

/// Whether the file gets its final name as a part of a swapped folder.
bool comes_with_a_swap(const PreparedFile& file, const std::vector<FolderSwap>& swaps) {
  return std::ranges::any_of(swaps, [&](const FolderSwap& swap) {
    const lake::LakePath& folder = swap.view().folder;
    return folder.root == file.final_path.root &&
           file.final_path.relative.starts_with(folder.relative + "/");
  });
}

Status check_arrived(lake::LakeFs& fs, const PreparedFile& file) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(file.final_path));
  if (entry.type == lake::EntryType::kFile && entry.size == file.bytes) return {};
  return fail(ErrorKind::kCorrupt,
              "a swapped folder lacks its committed file: " + fs.absolute(file.final_path));
}

/// The files of a commit by how they get their final names.
struct Arrivals {
  std::vector<PreparedFile> renamed;
  std::vector<PreparedFile> swapped_in;
  std::set<lake::LakePath> folders;  ///< Of the renamed ones.
};

Arrivals sort_out(const std::vector<PreparedFile>& files, const std::vector<FolderSwap>& swaps) {
  Arrivals arrivals;
  for (const PreparedFile& file : files) {
    if (comes_with_a_swap(file, swaps)) {
      arrivals.swapped_in.push_back(file);
    } else {
      arrivals.renamed.push_back(file);
      arrivals.folders.insert(file.final_path.parent());
    }
  }
  return arrivals;
}

}  // namespace

Publisher::Publisher(lake::LakeFs& fs, metadata::MetadataStore& store,
                     const metadata::LeaseGrant& lease)
    : fs_(fs), store_(store), lease_(lease) {}

template <typename Commit>
Status Publisher::commit_and_publish(const Commit& commit, const Unpublished& made) {
  if (unfinished_) CDCLAKE_RETURN_IF_ERROR(recover());
  failpoint("commit.before_record");  // Crash: hidden, unrecorded; swept at the next start.
  unfinished_ = true;
  CDCLAKE_RETURN_IF_ERROR(store_.commit(lease_, commit));
  failpoint("commit.after_record");  // Crash from here on: recorded; `recover` publishes.
  CDCLAKE_RETURN_IF_ERROR(publish(made));
  unfinished_ = false;
  return {};
}

Status Publisher::publish(const Unpublished& made) {
  std::vector<FolderSwap> swaps;
  AsideNames asides(fs_);
  std::set<lake::LakePath> swap_folders;
  metadata::Publication publication;
  for (const PreparedFile& file : made.files) publication.files.push_back(file.id);
  for (const metadata::FolderView& view : made.views) {
    swaps.emplace_back(fs_, lease_, view);
    CDCLAKE_RETURN_IF_ERROR(swaps.back().prepare(store_, asides));
    publication.swaps.push_back(swaps.back().record());
    for (const auto& folder : swaps.back().changed_folders()) swap_folders.insert(folder);
  }
  const Arrivals arrivals = sort_out(made.files, swaps);
  for (const auto& folder : arrivals.folders) CDCLAKE_RETURN_IF_ERROR(fs_.make_folders(folder));

  const auto make_visible = [&]() -> Status {
    CDCLAKE_RETURN_IF_ERROR(note_files_named(fs_, store_));
    for (const auto& file : arrivals.renamed) CDCLAKE_RETURN_IF_ERROR(give_final_name(fs_, file));
    for (const auto& folder : arrivals.folders) CDCLAKE_RETURN_IF_ERROR(fs_.sync_folder(folder));
    for (FolderSwap& swap : swaps) CDCLAKE_RETURN_IF_ERROR(swap.apply(store_));
    for (const auto& folder : swap_folders) CDCLAKE_RETURN_IF_ERROR(fs_.sync_folder(folder));
    for (const auto& file : arrivals.swapped_in) CDCLAKE_RETURN_IF_ERROR(check_arrived(fs_, file));
    failpoint("commit.before_published");
    return {};
  };
  CDCLAKE_RETURN_IF_ERROR(store_.publish(lease_, publication, make_visible));
  failpoint("commit.after_published");
  // A swapped-in file is a link beside its hidden name. Crash: the name is swept at the next start.
  for (const auto& file : arrivals.swapped_in)
    CDCLAKE_RETURN_IF_ERROR(fs_.remove_file(file.hidden));
  return {};
}

Status Publisher::run(const metadata::BronzeCommit& commit) {
  Unpublished made;
  for (const metadata::BronzeFile& file : commit.files) made.files.push_back(file.file);
  return commit_and_publish(commit, made);
}

Status Publisher::run(const metadata::CompactionCommit& commit) {
  return commit_and_publish(commit, {{commit.compacted.file}, {commit.view}});
}

Status Publisher::run(const metadata::StageCommit& commit) {
  Unpublished made;
  for (const metadata::StageFile& file : commit.files) made.files.push_back(file.file);
  for (const auto* files : {&commit.quarantine_files, &commit.schema_files}) {
    made.files.insert(made.files.end(), files->begin(), files->end());
  }
  return commit_and_publish(commit, made);
}

Status Publisher::run(const metadata::MergeCommit& commit) {
  Unpublished made;
  for (const metadata::TableMerge& merge : commit.tables) {
    made.files.insert(made.files.end(), merge.added.begin(), merge.added.end());
    if (merge.view) made.views.push_back(*merge.view);
  }
  return commit_and_publish(commit, made);
}

Status Publisher::run(const metadata::UpkeepCommit& commit) {
  Unpublished made{{}, {commit.view}};
  if (commit.rewritten) made.files.push_back(commit.rewritten->file);
  return commit_and_publish(commit, made);
}

Status Publisher::start(std::chrono::hours grace) {
  CDCLAKE_RETURN_IF_ERROR(bind_lake(fs_, store_, lease_));
  // First, because a full disk blocks the recovery and only this gives space and links back.
  CDCLAKE_RETURN_IF_ERROR(sweep(grace));
  CDCLAKE_RETURN_IF_ERROR(roll_forward());
  // Last, because recovery names old sides whose process died before it could.
  return remove_unnamed(grace);
}

Status Publisher::recover() {
  CDCLAKE_RETURN_IF_ERROR(bind_lake(fs_, store_, lease_));
  return roll_forward();
}

Status Publisher::roll_forward() {
  Unpublished left;
  CDCLAKE_ASSIGN_OR_RETURN(left.files, store_.unpublished_files(lease_.role));
  CDCLAKE_ASSIGN_OR_RETURN(const auto views, store_.folder_views(lease_.role));
  for (const metadata::FolderView& view : views) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool shown, shows_version(fs_, view, view.folder));
    if (!shown || !view.is_published) left.views.push_back(view);
  }
  if (!left.files.empty() || !left.views.empty()) CDCLAKE_RETURN_IF_ERROR(publish(left));
  unfinished_ = false;
  return {};
}

}  // namespace cdclake::commit
