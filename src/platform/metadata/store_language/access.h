#pragma once

#include <cstdint>

namespace cdclake::metadata {

/// kReadOnly never creates, migrates or changes anything.
enum class Access : std::uint8_t { kReadOnly, kReadWrite };

}  // namespace cdclake::metadata
