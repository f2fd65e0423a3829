#pragma once

#include <string>
#include <string_view>

namespace cdclake::silver_stage {

/// Whether the bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past
/// U+10FFFF.
bool is_utf8(std::string_view text);

/// Appends text, which must be UTF-8, as a JSON string. Streams what no document in memory should
/// hold: quarantined values may have 50 MB.
void append_json_text(std::string_view text, std::string& out);

}  // namespace cdclake::silver_stage
