#pragma once

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Sees to it that the store and the lake belong together, and ties them at their first meeting.
/// kInvalidConfig where the lake is another one than the store knows, or where an empty store meets
/// a lake that holds tables: reading the topics again would store their records twice.
Status bind_lake(lake::LakeFs& fs, metadata::MetadataStore& store,
                 const metadata::LeaseGrant& lease);

}  // namespace cdclake::commit
