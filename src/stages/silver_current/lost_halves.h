#pragma once

#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/views.h"
#include "stages/silver_current/key_moves.h"
#include "stages/silver_current/read_rows/stored_rows.h"

namespace cdclake::silver_current {

/// The halves of key moves whose other half is lost, of those that the cut takes alone. Where the
/// new key's row is already of that move, or newer, nothing is lost: this half came twice.
Result<std::vector<metadata::LostHalf>> lost_halves(
    const CurrentTable& table, const std::vector<metadata::CurrentFile>& version_before,
    const ChangeBatch& batch, const MergeCut& cut);

}  // namespace cdclake::silver_current
