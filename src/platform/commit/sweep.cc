#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "base/failpoint.h"
#include "platform/commit/folder_swap.h"
#include "platform/commit/publisher.h"

namespace cdclake::commit {
namespace {

/// How much is removed before other roles may commit again.
constexpr std::size_t kRemovedUnderLockMax = 8;
/// How many rows are changed before they may.
constexpr std::ptrdiff_t kForgottenAtOnceMax = 500;

Status sync_if_there(lake::LakeFs& fs, const lake::LakePath& folder) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto found, fs.stat(folder));
  return found.type == lake::EntryType::kFolder ? fs.sync_folder(folder) : Status();
}

}  // namespace

Status Publisher::sweep(std::chrono::hours grace) {
  if (lease_.role != metadata::Role::kUpkeep) return sweep_of(lease_.role, grace);
  for (const metadata::Role role : metadata::kAllRoles) {
    CDCLAKE_RETURN_IF_ERROR(sweep_of(role, grace));
  }
  return {};
}

Status Publisher::sweep_of(metadata::Role role, std::chrono::hours grace) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto found, store_.superseded(role, grace));
  if (found.files.empty() && found.asides.empty()) return {};
  // Old sides go whole. Files of current tables have names of their own; replaced files of Bronze
  // and stage lie in an old side.
  std::set<lake::LakePath> changed;
  for (const lake::LakePath& aside : found.asides) {
    CDCLAKE_RETURN_IF_ERROR(fs_.remove_tree(aside));
    changed.insert(aside.parent());
  }
  for (const metadata::PreparedFile& file : found.files) {
    if (file.kind != metadata::FileKind::kCurrent) continue;
    CDCLAKE_RETURN_IF_ERROR(fs_.remove_file(file.final_path));
    changed.insert(file.final_path.parent());
  }
  // What is forgotten must not come back after a power cut: nothing would name it.
  for (const auto& folder : changed) CDCLAKE_RETURN_IF_ERROR(sync_if_there(fs_, folder));
  // Crash: gone, and still named; the next sweep finds them absent.
  failpoint("commit.after_sweep");
  for (std::size_t done = 0; done < found.files.size(); done += kForgottenAtOnceMax) {
    metadata::Superseded slice;
    const auto some = std::span(found.files).subspan(done);
    const auto end = some.begin() + std::min<std::ptrdiff_t>(kForgottenAtOnceMax, std::ssize(some));
    slice.files.assign(some.begin(), end);
    CDCLAKE_RETURN_IF_ERROR(store_.forget(lease_, slice));
  }
  // Last: what an old side held is known by its name.
  return store_.forget(lease_, {.files = {}, .asides = found.asides, .asides_kept = {}});
}

/// Hidden files without a row, and asides that were built and never exchanged.
Status Publisher::remove_unnamed(std::chrono::hours grace) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto kept, store_.superseded(lease_.role, grace));
  std::set<lake::LakePath> named(kept.asides_kept.begin(), kept.asides_kept.end());
  named.insert(kept.asides.begin(), kept.asides.end());
  CDCLAKE_ASSIGN_OR_RETURN(const auto unpublished, store_.unpublished_files(lease_.role));
  for (const metadata::PreparedFile& file : unpublished) named.insert(file.hidden);
  std::vector<lake::LakePath> unnamed;
  for (const lake::Root root : {lake::Root::kBronze, lake::Root::kSilver}) {
    for (const lake::LakePath& folder : {lake::private_folder(root) / "wip", aside_folder(root)}) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs_.list(folder));
      for (const lake::Entry& entry : entries) {
        if (!entry.name.starts_with(std::string(to_string(lease_.role)) + "-")) continue;
        if (!named.contains(folder / entry.name)) unnamed.push_back(folder / entry.name);
      }
    }
  }
  for (std::size_t done = 0; done < unnamed.size(); done += kRemovedUnderLockMax) {
    const auto slice =
        std::span(unnamed).subspan(done, std::min(kRemovedUnderLockMax, unnamed.size() - done));
    const auto remove_slice = [&]() -> Status {
      for (const auto& path : slice) CDCLAKE_RETURN_IF_ERROR(fs_.remove_tree(path));
      return {};
    };
    // With the newest epoch, what bears this role's name is ours alone.
    CDCLAKE_RETURN_IF_ERROR(store_.publish(lease_, {}, remove_slice));
  }
  return {};
}

}  // namespace cdclake::commit
