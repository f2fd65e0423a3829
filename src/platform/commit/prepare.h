#pragma once

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::commit {

/// A new file of a role, still to be written at its hidden name: that begins with the role, so that
/// the role's next start knows what to sweep.
metadata::PreparedFile new_file(metadata::Role role, metadata::FileKind kind,
                                const lake::LakePath& final_path);

/// Closes a hidden file so that a commit may name it: fsync, close, re-read and compare the bytes,
/// fsync its folder. After ok the bytes survive a power cut under the hidden name and no reader
/// sees them. After an error the file is worthless and has been removed where possible.
Result<metadata::PreparedFile> seal(lake::LakeFs& fs, lake::FileWriter& writer,
                                    metadata::PreparedFile file);

}  // namespace cdclake::commit
