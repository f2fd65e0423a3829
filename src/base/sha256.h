#pragma once

#include <string>
#include <string_view>

namespace cdclake {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits: for names that even a forger must not
/// make collide.
std::string sha256_hex(std::string_view bytes);

}  // namespace cdclake
