#pragma once

#include <string>
#include <string_view>

#include "platform/metadata/store_language/commits.h"

namespace cdclake::silver_stage {

/// `stage_events/table=<t>/event_date=<date>/part-<id>.parquet`, still to be written. `table` is an
/// encoded segment, here and below.
metadata::PreparedFile new_change_file(const std::string& table, const std::string& event_date);
/// `stage_events_quarantine/table=<t>/quarantine-<id>.jsonl`.
metadata::PreparedFile new_quarantine_file(const std::string& table);
/// `_schemas/<sha256>.json` in Bronze.
metadata::PreparedFile new_schema_file(std::string_view sha256);

/// The folder of quarantined records that name no table; no table's own segment begins with `_`.
inline constexpr const char* kUnknownTable = "_unknown";

}  // namespace cdclake::silver_stage
