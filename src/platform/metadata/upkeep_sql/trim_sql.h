#pragma once

#include <cstdint>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

/// Removes rows that no promise needs: of files that were replaced before then and are gone, and of
/// versions of current tables that are not the newest. A bounded part in one transaction; returns
/// how many. Where none is left, it brings the write-ahead log back into the database file and
/// empties it, unless somebody reads or writes right now: it waits for nobody.
Result<std::int64_t> trim(Database& database, const LeaseGrant& lease, std::int64_t before_us);

}  // namespace cdclake::metadata
