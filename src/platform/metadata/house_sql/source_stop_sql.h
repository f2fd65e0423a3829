#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

/// In place of all that were recorded before.
Status record_stops(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    std::span<const model::PartitionStop> stops);

Result<std::vector<model::PartitionStop>> source_stops(Database& database);

}  // namespace cdclake::metadata
