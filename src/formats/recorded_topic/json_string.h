#pragma once

#include <cstddef>

namespace cdclake::recorded_topic {

/// How far `unescape_json_string` may read and write past what it needs.
inline constexpr std::size_t kUnescapeSlack = 64;

/// Unescapes a JSON string that begins at `text`, after its opening quote, and is known to have a
/// closing one; writes no more bytes than it reads. Gives the end of what was written, or null
/// for an escape that stands for no character. `kUnescapeSlack` bytes past the closing quote must
/// be readable, and as many past the end of `out` writable.
///
/// Faster than simdjson's own where strings are full of escapes, as JSON within JSON is.
char* unescape_json_string(const char* text, char* out);

}  // namespace cdclake::recorded_topic
