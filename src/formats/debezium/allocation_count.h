#pragma once

#include <cstdint>

namespace cdclake::debezium {

/// How often this test program has allocated so far: linking this file replaces operator new.
std::int64_t allocation_count();

}  // namespace cdclake::debezium
