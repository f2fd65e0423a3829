#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

Result<std::vector<model::Position>> stage_positions(Database& database);
Result<std::vector<StageWait>> stage_waits(Database& database);
Result<std::vector<PartitionCounts>> partition_counts(Database& database);
Result<std::vector<StageBatchEnd>> stage_batch_ends(Database& database, TableKey table,
                                                    std::int64_t after_batch);
Result<std::vector<StoredStageFile>> unmerged_stage_files(Database& database, TableKey table);

}  // namespace cdclake::metadata
