#pragma once

#include <map>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::audit {

/// Every file in both roots, as one walk found them. Folders are not listed; what is neither file
/// nor folder is.
using LakeListing = std::map<lake::LakePath, lake::Entry>;

Result<LakeListing> list_lake(lake::LakeFs& fs);

}  // namespace cdclake::audit
