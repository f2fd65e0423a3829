#include "platform/commit/orphans.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>

#include "platform/commit/folder_swap.h"
#include "platform/commit/role_lease.h"

namespace cdclake::commit {
namespace {

/// How much is removed before other roles may commit again.
constexpr std::size_t kRemovedUnderLockMax = 8;

Result<std::int64_t> bytes_below(lake::LakeFs& fs, const lake::LakePath& path) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(path));
  if (entry.type != lake::EntryType::kFolder) return entry.size;
  std::int64_t bytes = 0;
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(path));
  for (const lake::Entry& it : entries) bytes += it.size;
  return bytes;
}

Status find_of_role(lake::LakeFs& fs, const std::set<lake::LakePath>& named, Orphans& orphans) {
  const std::string prefix = std::string(to_string(orphans.role)) + "-";
  for (const lake::Root root : {lake::Root::kBronze, lake::Root::kSilver}) {
    for (const lake::LakePath& folder : {lake::private_folder(root) / "wip", aside_folder(root)}) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(folder));
      for (const lake::Entry& entry : entries) {
        const lake::LakePath path = folder / entry.name;
        if (!entry.name.starts_with(prefix) || named.contains(path)) continue;
        CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t bytes, bytes_below(fs, path));
        orphans.bytes += bytes;
        orphans.paths.push_back(path);
      }
    }
  }
  return {};
}

/// Whether a process of the role died between commit and publication.
Result<bool> is_unfinished(metadata::MetadataStore& store, metadata::Role role) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto files, store.unpublished_files(role));
  CDCLAKE_ASSIGN_OR_RETURN(const auto views, store.folder_views(role));
  return !files.empty() || std::ranges::any_of(views, [](const metadata::FolderView& view) {
    return !view.is_published;
  });
}

}  // namespace

Result<std::vector<Orphans>> find_orphans(lake::LakeFs& fs, metadata::MetadataStore& store,
                                          const std::string& store_path, const Clock& clock) {
  std::vector<Orphans> found;
  CDCLAKE_ASSIGN_OR_RETURN(const auto signs, look_at_roles(store, store_path, clock));
  for (const RoleSign& sign : signs) {
    if (sign.is_held) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const bool unfinished, is_unfinished(store, sign.role));
    if (unfinished) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const auto kept, store.superseded(sign.role, std::chrono::hours(0)));
    std::set<lake::LakePath> named(kept.asides_kept.begin(), kept.asides_kept.end());
    named.insert(kept.asides.begin(), kept.asides.end());
    Orphans orphans{.role = sign.role, .epoch = sign.epoch, .paths = {}};
    CDCLAKE_RETURN_IF_ERROR(find_of_role(fs, named, orphans));
    if (!orphans.paths.empty()) found.push_back(std::move(orphans));
  }
  return found;
}

Status remove_orphans(lake::LakeFs& fs, metadata::MetadataStore& store,
                      const metadata::LeaseGrant& lease, const Orphans& orphans) {
  bool is_free = true;
  const std::span all(orphans.paths);
  for (std::size_t done = 0; is_free && done < all.size(); done += kRemovedUnderLockMax) {
    const auto slice = all.subspan(done, std::min(kRemovedUnderLockMax, all.size() - done));
    // Nobody takes a role while the write lock is held: what was found is still nobody's.
    const auto remove_slice = [&]() -> Status {
      CDCLAKE_ASSIGN_OR_RETURN(const auto state, store.lease_state(orphans.role));
      is_free = state.epoch == orphans.epoch;
      for (const auto& path : slice) {
        if (is_free) CDCLAKE_RETURN_IF_ERROR(fs.remove_tree(path));
      }
      return {};
    };
    CDCLAKE_RETURN_IF_ERROR(store.publish(lease, {}, remove_slice));
  }
  return {};
}

}  // namespace cdclake::commit
