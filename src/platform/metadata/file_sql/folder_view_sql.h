#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/prepared_file.h"

namespace cdclake::metadata {

/// Records how a folder should look from now on, in place of what was recorded before. Every link
/// must name a live file.
Status save_folder_view(Database& database, std::int64_t now_us, Role role, const FolderView& view);
Result<std::vector<FolderView>> folder_views(Database& database, Role role);

/// Records that the folders show their views, where their old sides lie, and that what they
/// replaced is out of sight from now on. A Bronze folder never changes again, and one of the stage
/// gets more files without a swap: their views are forgotten, and those of upkeep.
Status mark_swapped(Database& database, std::int64_t now_us, Role role,
                    const std::vector<Publication::Swap>& swaps);

}  // namespace cdclake::metadata
