#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Where a committed file's bytes are: at its final name, or, between the commit and the
/// publication, at its hidden one. Where they are at neither, kConflict if a commit has replaced
/// the file: read the list that named it again; else kCorrupt, the file is lost.
Result<lake::LakePath> locate(lake::LakeFs& fs, metadata::MetadataStore& store, const FileId& id);

}  // namespace cdclake::commit
