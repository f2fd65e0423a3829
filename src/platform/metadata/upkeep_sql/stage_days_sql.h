#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/upkeep.h"

namespace cdclake::metadata {

/// Days with at least two published stage files below `small_bytes`, in no order that matters.
Result<std::vector<StageDayKey>> days_of_small_files(Database& database, std::int64_t small_bytes);
Result<StageDay> stage_day(Database& database, const StageDayKey& day);

/// True of a stage file of which a row lies at or past the merge's position of its table.
/// Of `stage_file_range r`, as a condition that names the file by `f.file_key`.
inline constexpr const char* kIsUnmerged =
    "EXISTS (SELECT 1 FROM stage_file_range r LEFT JOIN merge_position m "
    "USING (table_key, partition_key) WHERE r.file_key = f.file_key "
    "AND r.next_offset > coalesce(m.next_offset, 0))";

}  // namespace cdclake::metadata
