#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::bronze {

using metadata::StoredBronzeFile;

/// The small text files of a run's folder, by name: `manifest.json`, and `_SUCCESS`, which is
/// empty, where the run succeeded. They say nothing that the store does not hold, so they can be
/// written again at any time.
Result<std::map<std::string, std::string>> folder_texts(const metadata::Run& run,
                                                        const std::vector<StoredBronzeFile>& files);

/// The files of a run by the folder they lie in.
std::map<lake::LakePath, std::vector<StoredBronzeFile>> by_folder(
    std::vector<StoredBronzeFile> files);

}  // namespace cdclake::bronze
