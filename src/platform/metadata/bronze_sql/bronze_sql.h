#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

Status commit_bronze(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                     const BronzeCommit& commit);

Result<std::vector<model::Position>> bronze_positions(Database& database);
Result<std::vector<StoredBronzeFile>> bronze_files_in(Database& database,
                                                      const model::PartitionId& partition,
                                                      const model::OffsetRange& range);
Result<std::vector<StoredBronzeFile>> bronze_files_of_run(Database& database, const RunId& run);
Result<std::vector<model::Gap>> gaps(Database& database);

/// The files that a started query names by their numbers in its first column. Needs a transaction.
Result<std::vector<StoredBronzeFile>> load_bronze_files(Database& database, Statement& keys);

}  // namespace cdclake::metadata
