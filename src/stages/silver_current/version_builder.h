#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/views.h"
#include "stages/silver_current/change_cells.h"
#include "stages/silver_current/change_fold.h"
#include "stages/silver_current/read_rows/stored_rows.h"

namespace cdclake::silver_current {

/// The files of a new version: kept ones, and new ones that are durable under hidden names.
struct BuiltVersion {
  bool changed = false;                      ///< False: the rows are those of the version before.
  std::vector<metadata::CurrentFile> files;  ///< Whole, in key order.
  std::vector<metadata::PreparedFile> added;
  std::int64_t rows_written = 0;
  std::optional<StoppedTable> stopped;  ///< Set: nothing else counts.
};

struct VersionBuilderConfig {
  std::int64_t file_rows_max = 0;
  /// In memory, where a file is whole while it is rewritten. As much is held of changed rows.
  std::int64_t file_bytes_max = 256 << 20;
  std::int64_t group_bytes_max = 64 << 20;  ///< Of a file's row groups, before encoding.
};

/// Net changes, sorted by key, and the batch that they came from.
struct FoldedBatch {
  const ChangeBatch& batch;
  const std::vector<NetChange>& changes;
  OpenFile open_file;  ///< A file of the batch.
};

/// Applies net changes to a version by rewriting only the files that they fall into. A version is
/// never without a file, so that readers always find the columns: without rows it is one empty
/// file. kCancelled soon after a stop is asked for.
Result<BuiltVersion> build_version(const VersionBuilderConfig& config, const CurrentTable& table,
                                   const FoldedBatch& folded,
                                   const std::optional<metadata::CurrentVersion>& before);

}  // namespace cdclake::silver_current
