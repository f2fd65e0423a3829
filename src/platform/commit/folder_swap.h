#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Makes a folder that people read show its committed view: builds the view aside and exchanges the
/// two folders in one step.
///
/// The aside folder is named `<role>-<epoch>-<hash of folder and version>`, so that a fenced
/// process that is still building never touches what its successor builds.
class FolderSwap {
 public:
  FolderSwap(lake::LakeFs& fs, const metadata::LeaseGrant& lease, const metadata::FolderView& view);

  /// Looks at the folder's marker, and builds the aside folder, durable, where it shows another
  /// version. Changes nothing that readers see.
  Status prepare(metadata::MetadataStore& store);
  /// Exchanges the folders, or names the first one. Call while holding the write lock.
  Status apply();
  /// For the store: where the old sides lie. Complete after `prepare`.
  const metadata::Publication::Swap& record() const { return record_; }
  const metadata::FolderView& view() const { return view_; }

 private:
  enum class Step { kNone, kExchange, kFirstName };

  Result<bool> shows_version(const lake::LakePath& folder);
  Status build(metadata::MetadataStore& store);
  Status find_old_sides();
  std::string hash_of_version() const;

  lake::LakeFs& fs_;
  metadata::FolderView view_;
  std::string role_;
  lake::LakePath aside_;
  Step step_ = Step::kNone;
  metadata::Publication::Swap record_;
};

/// `.cdclake/aside` of a root.
lake::LakePath aside_folder(lake::Root root);

}  // namespace cdclake::commit
