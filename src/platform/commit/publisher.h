#pragma once

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// The one place that knows the order prepare → commit → publish. Every stage goes through it.
///
/// What survives a crash, step by step (files are durable under hidden names beforehand):
///   before the transaction   hidden files without a row; `sweep` removes them
///   after the transaction    rows `prepared`; `recover` gives the final names
///   between two renames      the same
///   before `published`       the same
class Publisher {
 public:
  /// All three must outlive the publisher.
  Publisher(lake::LakeFs& fs, metadata::MetadataStore& store, const metadata::LeaseGrant& lease);

  /// Commits and publishes. After ok readers see all of it, also after a power cut. After an error
  /// nothing was committed, or `recover` finishes it; kConflict: fenced, or the position had moved.
  Status run(const metadata::BronzeCommit& commit);
  Status run(const metadata::CompactionCommit& commit);
  Status run(const metadata::StageCommit& commit);
  Status run(const metadata::MergeCommit& commit);

  /// Finishes what an earlier process of this role left between commit and publication: rolls
  /// renames forward, rebuilds and swaps folders whose marker does not show the committed version.
  /// Idempotent. kCorrupt where a committed file is neither at its hidden nor at its final name.
  Status recover();

  /// Removes hidden files of this role that no row names, and superseded files whose grace period
  /// is over. Call after `recover`, while holding the role.
  Status sweep(std::chrono::hours grace);

 private:
  Status publish(const std::vector<metadata::PreparedFile>& files,
                 const std::vector<const metadata::FolderView*>& views);

  lake::LakeFs& fs_;
  metadata::MetadataStore& store_;
  const metadata::LeaseGrant& lease_;
};

}  // namespace cdclake::commit
