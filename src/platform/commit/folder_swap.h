#pragma once

#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// `.cdclake/aside` of a root.
lake::LakePath aside_folder(lake::Root root);

/// What lies in there, listed at most once.
class AsideNames {
 public:
  explicit AsideNames(lake::LakeFs& fs) : fs_(fs) {}
  Result<std::span<const lake::Entry>> of(lake::Root root);

 private:
  lake::LakeFs& fs_;
  std::map<lake::Root, std::vector<lake::Entry>> listed_;
};

/// Makes a folder that people read show its committed view: builds the view aside and exchanges the
/// two folders in one step.
///
/// A view with files that leave gets, under the lock, what has come into the folder since it was
/// built; where nothing else lives there, the folder leaves instead.
///
/// The aside folder is named `<role>-<epoch>-<hash of folder and version>`, so that a fenced
/// process that is still building never touches what its successor builds.
class FolderSwap {
 public:
  FolderSwap(lake::LakeFs& fs, const metadata::LeaseGrant& lease, const metadata::FolderView& view);

  /// Looks at the folder's marker, and builds the aside folder, durable, where it shows another
  /// version. Changes nothing that readers see.
  Status prepare(metadata::MetadataStore& store, AsideNames& asides);
  /// Exchanges the folders, or names the first one, or takes an empty one away. Call while holding
  /// the write lock, then sync the `changed_folders`, also where nothing was to be exchanged:
  /// another process may have died between the two.
  Status apply(metadata::MetadataStore& store);
  std::array<lake::LakePath, 2> changed_folders() const;
  /// For the store: where the old sides lie. Complete after `prepare`.
  const metadata::Publication::Swap& record() const { return record_; }
  const metadata::FolderView& view() const { return view_; }

 private:
  enum class Step { kNone, kExchange, kFirstName };

  Status build(metadata::MetadataStore& store);
  Result<bool> link_what_lives(metadata::MetadataStore& store);
  Status exchange_or_leave(metadata::MetadataStore& store);
  Status find_old_sides(AsideNames& asides);
  std::string hash_of_version() const;

  lake::LakeFs& fs_;
  metadata::FolderView view_;
  std::string role_;
  lake::LakePath aside_;
  Step step_ = Step::kNone;
  std::set<std::string> linked_;  ///< Names in the aside folder.
  metadata::Publication::Swap record_;
};

/// Whether the folder's marker shows the version of the view, or all has left it that leaves.
Result<bool> shows_version(lake::LakeFs& fs, const metadata::FolderView& view,
                           const lake::LakePath& folder);

}  // namespace cdclake::commit
