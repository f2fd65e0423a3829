#pragma once

#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

/// Why tables do not equal their source, by table and position: quarantined records, gaps of the
/// topics that feed them, halves of key moves and values that were lost before they reached us.
Result<std::vector<Flaw>> flaws(Database& database);

}  // namespace cdclake::metadata
