#pragma once

#include <string>
#include <string_view>

namespace cdclake::config {

/// Outside text as logs and terminals may get it: control characters, and bytes that are not
/// UTF-8, become `\xNN`, so that a name can neither forge a line nor move a cursor.
std::string printable(std::string_view text);

}  // namespace cdclake::config
