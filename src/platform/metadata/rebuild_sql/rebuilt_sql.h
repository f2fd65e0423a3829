#pragma once

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/rebuilt.h"

namespace cdclake::metadata {

/// kConflict where the store names a file. The bytes are in the database file itself afterwards,
/// none in its write-ahead log.
Status fill_store(Database& database, std::int64_t now_us, const RebuiltStore& rebuilt);

}  // namespace cdclake::metadata
