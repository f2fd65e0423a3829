#pragma once

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/commits.h"

namespace cdclake::commit {

/// Closes a hidden file so that a commit may name it: fsync, close, re-read and compare the bytes,
/// fsync its folder. After ok the bytes survive a power cut under the hidden name and no reader sees
/// them. After an error the file is worthless and has been removed where possible.
Result<metadata::PreparedFile> seal(lake::LakeFs& fs, lake::FileWriter& writer,
                                    metadata::PreparedFile file);

}  // namespace cdclake::commit
