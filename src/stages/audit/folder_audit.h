#pragma once

#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/audit/finding.h"
#include "stages/audit/lake_audit.h"
#include "stages/audit/lake_listing.h"

namespace cdclake::audit {

/// Whether folders that people read show what they claim: the marker names the committed version,
/// links are the files that the store names, texts are as they were written; a compacted
/// Bronze folder is marked with its file. And whether the newest version of every current table
/// holds together: its files are live, lie in key order, and a folder shows it.
void audit_folders(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
                   Depth depth, Findings& findings);

}  // namespace cdclake::audit
