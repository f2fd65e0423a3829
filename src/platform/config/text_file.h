#pragma once

#include <string>

#include "base/result.h"

namespace cdclake::config {

/// The content of a file that an operator names: settings, a secret, a catalog. kInvalidConfig with
/// the reason, without the path, which the caller names, where it cannot be read or is larger than
/// 64 MiB.
Result<std::string> read_text_file(const std::string& path);

}  // namespace cdclake::config
