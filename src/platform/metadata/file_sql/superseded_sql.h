#pragma once

#include <cstdint>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/prepared_file.h"

namespace cdclake::metadata {

/// What of the role's was replaced at or before `until_us`, and the old sides that are younger.
Result<Superseded> superseded(Database& database, Role role, std::int64_t until_us);
/// Records that what `superseded` named is gone.
Status forget_superseded(Database& database, const LeaseGrant& lease, const Superseded& gone);

}  // namespace cdclake::metadata
