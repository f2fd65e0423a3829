#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// What a process left hidden that died, and that no commit names.
struct Orphans {
  metadata::Role role = metadata::Role::kBronzeWrite;
  std::int64_t epoch = 0;  ///< Of the role when nobody held it.
  std::vector<lake::LakePath> paths;
  std::int64_t bytes = 0;
};

/// Looks for the orphans of every role that nobody holds, without taking it. A role that has left a
/// commit unpublished is left out: its next start needs what lies there. Changes nothing.
Result<std::vector<Orphans>> find_orphans(lake::LakeFs& fs, metadata::MetadataStore& store,
                                          const std::string& store_path, const Clock& clock);

/// Removes what was found, a few at a time, for as long as nobody has taken the role since.
Status remove_orphans(lake::LakeFs& fs, metadata::MetadataStore& store,
                      const metadata::LeaseGrant& lease, const Orphans& orphans);

}  // namespace cdclake::commit
