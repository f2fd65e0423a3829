#pragma once

#include <string>

#include "base/result.h"

namespace cdclake::config {

/// The content of a file of at most 1 MiB: an env-file or a secret. kInvalidConfig with the reason,
/// without the path, which the caller names.
Result<std::string> read_small_file(const std::string& path);

}  // namespace cdclake::config
