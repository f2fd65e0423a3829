#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cdclake {

/// No name that Kafka takes for a topic, or PostgreSQL for a table and its schema, is longer.
inline constexpr std::size_t kShownBytesMax = 249;

/// A text for messages, however long somebody made it: past `kShownBytesMax` its beginning, cut at
/// a character of UTF-8, and its length.
std::string shortened(std::string_view text);

}  // namespace cdclake
