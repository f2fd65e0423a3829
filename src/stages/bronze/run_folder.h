#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "platform/lake/lake_path.h"

namespace cdclake::bronze {

/// `cdc/source=<s>/table=<t>/ingestion_date=<date>/run_id=<run>`: `<s>` is the topic up to its
/// first dot and `<t>` the rest; a topic without a dot has the source `_`. Two topics never share a
/// folder.
lake::LakePath run_folder(const std::string& topic, const std::string& ingestion_date,
                          const RunId& run);

/// `events_00001.parquet`; numbers begin with 1 in each folder.
std::string part_name(std::int64_t number);

inline constexpr const char* kCompactedName = "events_compacted.parquet";

}  // namespace cdclake::bronze
