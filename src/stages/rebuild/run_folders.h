#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::rebuild {

/// A file of Bronze by its name; what it holds is not looked at yet.
struct NamedFile {
  lake::LakePath path;
  metadata::FileKind kind = metadata::FileKind::kBronzePart;
};

/// What a run has written of one topic.
struct RunFolder {
  lake::LakePath path;
  RunId run;
  std::string ingestion_date;
  std::vector<NamedFile> files;  ///< In the order in which they were written.
  /// As `manifest.json` says; nothing where there is none that can be read: the run has not ended.
  struct End {
    metadata::RunStatus status = metadata::RunStatus::kSuccess;
    std::string details;  ///< As the store keeps them.
  };
  std::optional<End> end;
};

/// Every folder of a run below `cdc`, with the files that bear the names of ours.
Result<std::vector<RunFolder>> list_run_folders(lake::LakeFs& fs);

}  // namespace cdclake::rebuild
