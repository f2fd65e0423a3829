#pragma once

#include <string_view>

namespace cdclake::debezium {

inline constexpr int kNestingMax = 64;

/// Whether JSON text nests objects and arrays deeper than `nesting_max`. Costs little where it has
/// few of them; never wrong for valid JSON.
bool nests_too_deep(std::string_view json, int nesting_max = kNestingMax);

}  // namespace cdclake::debezium
