#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Where a committed file's bytes are: at its final name, or, between the commit and the
/// publication, at its hidden one. kConflict where they are at neither, since a compaction or a
/// sweep has replaced the file: read the list that named it again.
Result<lake::LakePath> locate(lake::LakeFs& fs, metadata::MetadataStore& store, const FileId& id);

}  // namespace cdclake::commit
