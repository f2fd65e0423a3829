#pragma once

#include <map>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "stages/audit/finding.h"

namespace cdclake::audit {

/// Every file in both roots, as one walk found them. Folders are not listed; what is neither file
/// nor folder is.
using LakeListing = std::map<lake::LakePath, lake::Entry>;

/// A folder that cannot be read is a finding; what a file system puts at its own root is passed
/// over.
Result<LakeListing> list_lake(lake::LakeFs& fs, Findings& findings);

}  // namespace cdclake::audit
