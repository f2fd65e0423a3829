#pragma once

#include <optional>
#include <string_view>

#include "formats/debezium/rejection.h"

namespace cdclake::debezium {

inline constexpr int kNestingMax = 64;

/// Whether JSON text nests objects and arrays deeper than `nesting_max`. Costs little where it has
/// few of them; never wrong for valid JSON.
bool nests_too_deep(std::string_view json, int nesting_max = kNestingMax);

/// What keeps a text from being read as JSON at all, before a look at its structure.
std::optional<Fault> text_fault(std::string_view json, int nesting_max);

}  // namespace cdclake::debezium
