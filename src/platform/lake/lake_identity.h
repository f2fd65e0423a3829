#pragma once

#include "platform/lake/lake_fs.h"

namespace cdclake::lake {

/// `.cdclake/lake.json`: the mark that makes a root ours, with its format and the lake's id.
LakePath identity_path(Root root);
/// Writes the mark. Where another process wrote one at the same time, that one holds.
Status write_identity(LakeFs& fs, Root root);
/// kInvalidConfig where a newer program made the lake.
Status check_identity(LakeFs& fs, Root root);

}  // namespace cdclake::lake
