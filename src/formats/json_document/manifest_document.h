#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace cdclake::json_document {

/// What `manifest.json` of a Bronze run's folder says, with the first version's keys.
struct Manifest {
  RunId run_id;
  std::string ingestion_date;
  std::string status;  ///< As the run's row in the metadata store.
  std::string kafka_group_id;
  std::vector<std::string> topics;
  std::vector<std::string> files_written;  ///< Relative to the Bronze root.
  /// Topic and partition to the last offset that was written.
  std::map<std::string, std::map<std::int32_t, std::int64_t>> last_offsets;
  std::optional<std::string> error;
};

/// Pretty-printed, keys in the first version's order, `error` only where there is one.
std::string to_json_text(const Manifest& manifest);

/// The manifest back, without `topics`, `files_written` and `last_offsets`. kCorrupt where the text
/// is none.
Result<Manifest> parse_manifest(std::string_view text);

}  // namespace cdclake::json_document
