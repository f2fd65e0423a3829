#pragma once

#include <string>

#include "platform/lake/lake_path.h"

/// Names that several rooms must agree on (docs/formats).
namespace cdclake::lake {

/// Beside the Parquet files of a Bronze run's folder.
inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kSuccessName = "_SUCCESS";
inline constexpr const char* kCompactedMarker = "_COMPACTED";

/// In a table's folder of the stage that was made again as a whole.
inline constexpr const char* kRebuiltMarker = "_REBUILT";

/// What a marker of a swapped folder holds.
inline std::string marker_text(const std::string& version) { return version + "\n"; }

/// What people read of a current table; `table` is its path segment.
inline LakePath current_folder(const std::string& table) {
  return LakePath{Root::kSilver, "current"} / ("table=" + table);
}

}  // namespace cdclake::lake
