#pragma once

#include <string_view>

namespace cdclake::cli {

/// `0.1.0`, as the build names it.
std::string_view version();

}  // namespace cdclake::cli
