#pragma once

#include <cstdint>
#include <string>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

/// Begins a write transaction under a lease: kConflict where its epoch is no longer the newest.
Result<Transaction> begin_fenced(Database& database, const LeaseGrant& lease);

Result<LeaseGrant> take_lease(Database& database, std::int64_t now_us, const LeaseGrant& wanted);
Result<LeaseState> lease_state(Database& database, Role role);
Status heartbeat(Database& database, std::int64_t now_us, const LeaseGrant& lease);

}  // namespace cdclake::metadata
