#pragma once

#include <cstdint>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

Status commit_stage(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                    const StageCommit& commit);

}  // namespace cdclake::metadata
