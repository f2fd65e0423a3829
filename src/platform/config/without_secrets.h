#pragma once

#include <string>
#include <string_view>

namespace cdclake::config {

/// Stands for a secret in what is shown.
inline constexpr std::string_view kMask = "********";

/// Text as anyone may see it: an address loses user name, password and a query that names a secret.
/// Masks up to the last `@`, since a password may hold any character, and rather too much than too
/// little.
std::string without_secrets(std::string_view text);

}  // namespace cdclake::config
