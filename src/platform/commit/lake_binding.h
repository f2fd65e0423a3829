#pragma once

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Sees to it that the store and the lake belong together, and ties them at their first meeting.
/// kInvalidConfig where the lake is another one than the store knows, or where a store meets a root
/// that holds tables of which it knows nothing; kCorrupt where the store is older than the lake, a
/// copy from before. Reading the topics again would store their records twice.
Status bind_lake(lake::LakeFs& fs, metadata::MetadataStore& store,
                 const metadata::LeaseGrant& lease);

/// Notes in the lake how many files its store has named, as an empty file of that number in
/// `.cdclake/files_named` of Bronze. Called under the write lock before those files get their
/// names, so a store that knows of fewer is older than what readers see. Not synced by itself: a
/// power cut may leave a smaller number, never a greater one.
Status note_files_named(lake::LakeFs& fs, metadata::MetadataStore& store);
/// What was noted last; 0 where nothing was.
Result<std::int64_t> noted_files_named(lake::LakeFs& fs);

}  // namespace cdclake::commit
