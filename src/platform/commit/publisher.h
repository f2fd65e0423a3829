#pragma once

#include <chrono>
#include <vector>

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
///
/// A process calls `start` first.
class Publisher {
 public:
  /// All three must outlive the publisher.
  Publisher(lake::LakeFs& fs, metadata::MetadataStore& store, const metadata::LeaseGrant& lease);

  /// Commits and publishes. After ok readers see all of it, also after a power cut. After an error
  /// nothing was committed, or `recover` finishes it, which the next `run` does first; kConflict:
  /// fenced, or the position had moved. The caller never removes what it prepared: after a failed
  /// commit only the next start knows for sure whether the store has it.
  Status run(const metadata::BronzeCommit& commit);
  Status run(const metadata::CompactionCommit& commit);
  Status run(const metadata::StageCommit& commit);
  Status run(const metadata::MergeCommit& commit);
  Status run(const metadata::UpkeepCommit& commit);

  /// What a process of the role does first: sweeps, recovers, then removes the role's hidden files
  /// that no row names. Errors are those of `recover`. Call before anything is written.
  Status start(std::chrono::hours grace);

  /// Finishes what an earlier process of this role left between commit and publication: rolls
  /// renames forward, rebuilds and swaps folders whose marker does not show the committed version.
  /// Idempotent. kCorrupt where a committed file is neither at its hidden nor at its final name;
  /// kInvalidConfig where the lake is not the store's (`lake_binding.h`).
  Status recover();

  /// Removes files that the role has superseded and whose grace period is over; upkeep does it for
  /// every role. Holds no lock while it does: nothing names them any more, and no name is ever used
  /// again.
  Status sweep(std::chrono::hours grace);

 private:
  /// What a commit leaves to be published.
  struct Unpublished {
    std::vector<metadata::PreparedFile> files;
    std::vector<metadata::FolderView> views;
  };
  template <typename Commit>
  Status commit_and_publish(const Commit& commit, const Unpublished& made);
  Status publish(const Unpublished& made);
  Status roll_forward();
  Status sweep_of(metadata::Role role, std::chrono::hours grace);
  Status remove_unnamed(std::chrono::hours grace);

  lake::LakeFs& fs_;
  metadata::MetadataStore& store_;
  const metadata::LeaseGrant& lease_;
  bool unfinished_ = false;  ///< A commit may be recorded and not published.
};

}  // namespace cdclake::commit
