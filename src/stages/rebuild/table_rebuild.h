#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::rebuild {

/// A small lake inside the lake, in which tables are made again: links to Bronze's files of their
/// topics, and a store that knows of nothing else.
struct Workshop {
  lake::LakeRoots roots;
  std::string store_path;
  std::vector<metadata::Table> tables;  ///< Tables that share a topic are made again together.
  std::vector<std::string> topics;
};

/// Builds it for a table and all that share its topics. What an earlier one left is removed. The
/// caller holds the roles of compaction, stage and merge. kInvalidConfig where there is no such
/// table.
Result<Workshop> build_workshop(lake::LakeFs& fs, metadata::MetadataStore& store,
                                const std::string& store_path, const std::string& table);

/// Who may put what was made in place.
struct Hands {
  const metadata::LeaseGrant& stage;
  const metadata::LeaseGrant& merge;
  RunId run;  ///< Begun by the stage.
};
/// Commits what the stage and the merge have made in the workshop in place of the tables' rows and
/// versions, in one transaction; `Publisher::recover` of both roles then swaps the folders. Crash
/// before the commit: nothing is changed. kConflict, and nothing changed, where a table came out
/// without a version that has one.
Status adopt_workshop(lake::LakeFs& fs, metadata::MetadataStore& store, const Workshop& workshop,
                      const Hands& hands);

/// Removes it, and what earlier ones left.
Status clear_workshop(lake::LakeFs& fs, const std::string& store_path);

}  // namespace cdclake::rebuild
