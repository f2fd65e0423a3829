#pragma once

#include <string>
#include <string_view>

namespace cdclake::debezium {

/// Whether a text stands between JSON's quotes as it is, without any escape.
bool is_plain(std::string_view text);

/// A text as Jackson, and so Debezium, spells it between JSON's quotes.
std::string json_spelling(std::string_view text);

}  // namespace cdclake::debezium
