#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "stages/bronze/bronze_run.h"

namespace cdclake::bronze {

/// Makes the small texts of a run's folder what they should be: each appears whole, under the lease
/// that the context holds; one that is there and differs is replaced, and a `_SUCCESS` that the run
/// has not earned goes. After ok they survive a power cut. Idempotent.
Status write_folder_texts(const BronzeContext& context, const lake::LakePath& folder,
                          const std::map<std::string, std::string>& texts);

}  // namespace cdclake::bronze
