#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cdclake::memory {

/// What the control group of this process, or one above it, lets it have, in bytes: the least of
/// `memory.max` (version 2) and `memory.limit_in_bytes` (version 1). Nothing where none is set.
/// `root` stands for `/` in tests.
std::optional<std::int64_t> container_limit(const std::string& root = "");

}  // namespace cdclake::memory
