#pragma once

#include <cstdint>
#include <optional>

namespace cdclake::debezium {

/// How often this test program has allocated so far: linking this file replaces operator new.
/// Nothing under a sanitizer.
std::optional<std::int64_t> allocation_count();

}  // namespace cdclake::debezium
