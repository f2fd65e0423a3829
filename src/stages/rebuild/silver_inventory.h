#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::rebuild {

/// The schemas that came from outside the messages, which lie beside Bronze.
struct OutsideTypes {
  std::vector<metadata::PreparedFile> files;
  std::vector<metadata::RebuiltTable> tables;  ///< Later runs must type them in the same way.
};
/// kCorrupt where a file below `_schemas` is none of ours.
Result<OutsideTypes> read_outside_types(lake::LakeFs& fs);

/// A folder of Silver that the stage and the merge make again, and where it waits out of sight
/// until the grace period is over.
struct MovedFolder {
  lake::LakePath from;
  lake::LakePath to;
};
/// Those that are there; what marks Silver as filled comes last.
Result<std::vector<MovedFolder>> folders_to_move(lake::LakeFs& fs);

/// Old sides of swapped folders in both roots, by the role that their names begin with, and each
/// role's newest epoch in them.
struct OldSides {
  std::vector<metadata::RebuiltAside> asides;
  std::map<metadata::Role, std::int64_t> epochs;
};
Result<OldSides> list_old_sides(lake::LakeFs& fs);

}  // namespace cdclake::rebuild
