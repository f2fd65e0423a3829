#include <set>
#include <string>

#include "base/failpoint.h"
#include "platform/commit/folder_swap.h"
#include "platform/commit/publisher.h"

namespace cdclake::commit {
namespace {

/// Old sides go whole. Files of current tables have names of their own; replaced Bronze parts lie
/// in an old side.
Status remove_superseded(lake::LakeFs& fs, const metadata::Superseded& found) {
  for (const lake::LakePath& aside : found.asides) CDCLAKE_RETURN_IF_ERROR(fs.remove_tree(aside));
  for (const metadata::PreparedFile& file : found.files) {
    if (file.kind != metadata::FileKind::kCurrent) continue;
    CDCLAKE_RETURN_IF_ERROR(fs.remove_file(file.final_path));
  }
  return {};
}

}  // namespace

/// Hidden files without a row, and asides that were built and never exchanged.
Status Publisher::remove_unnamed(lake::Root root, const metadata::Superseded& found) {
  const std::string prefix = std::string(to_string(lease_.role)) + "-";
  std::set<lake::LakePath> named(found.asides_kept.begin(), found.asides_kept.end());
  CDCLAKE_ASSIGN_OR_RETURN(const auto unpublished, store_.unpublished_files(lease_.role));
  for (const metadata::PreparedFile& file : unpublished) named.insert(file.hidden);
  for (const lake::LakePath& folder : {lake::private_folder(root) / "wip", aside_folder(root)}) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs_.list(folder));
    for (const lake::Entry& entry : entries) {
      const lake::LakePath path = folder / entry.name;
      if (!entry.name.starts_with(prefix) || named.contains(path)) continue;
      CDCLAKE_RETURN_IF_ERROR(fs_.remove_tree(path));
    }
  }
  return {};
}

Status Publisher::sweep(std::chrono::hours grace) {
  metadata::Superseded found;
  // Under the write lock with the newest epoch: what bears this role's name is then ours alone.
  const auto remove_all = [&]() -> Status {
    CDCLAKE_ASSIGN_OR_RETURN(found, store_.superseded(lease_.role, grace));
    CDCLAKE_RETURN_IF_ERROR(remove_superseded(fs_, found));
    if (swept_hidden_) return {};
    CDCLAKE_RETURN_IF_ERROR(remove_unnamed(lake::Root::kBronze, found));
    return remove_unnamed(lake::Root::kSilver, found);
  };
  CDCLAKE_RETURN_IF_ERROR(store_.publish(lease_, {}, remove_all));
  swept_hidden_ = true;
  // Crash: gone, and still named; the next sweep finds them absent.
  failpoint("commit.after_sweep");
  if (found.files.empty() && found.asides.empty()) return {};
  return store_.forget(lease_, found);
}

}  // namespace cdclake::commit
