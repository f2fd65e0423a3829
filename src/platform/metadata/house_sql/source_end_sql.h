#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

Status record_ends(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                   std::span<const model::PartitionEnd> ends);

/// Of every partition whose end was ever seen.
Result<std::vector<model::PartitionEnd>> source_ends(Database& database);

}  // namespace cdclake::metadata
