#pragma once

#include <set>
#include <string>

#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/audit/finding.h"
#include "stages/audit/lake_listing.h"

namespace cdclake::audit {

/// Files in the lake that nothing names, and what a dead process left to be finished. What a role
/// that is `at_work` has in hand is neither.
void audit_names(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
                 const std::set<std::string>& at_work, Findings& findings);

}  // namespace cdclake::audit
