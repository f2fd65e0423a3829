#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/parquet/parquet_reader.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::silver_current {

/// Stage files of one table, and where to find them.
struct StagedFiles {
  lake::LakeFs& fs;
  metadata::MetadataStore& store;
  const std::vector<metadata::StoredStageFile>& files;
  std::stop_token stop;

  /// Opens one of them, also one that the stage has committed and not published yet. kCorrupt where
  /// it is missing or damaged.
  Result<parquet::ParquetReader> open(std::size_t file) const;
};

/// kCancelled where a stop is asked for. What a merge has prepared by then is named by nobody.
Status unless_stopped(const std::stop_token& stop);

}  // namespace cdclake::silver_current
