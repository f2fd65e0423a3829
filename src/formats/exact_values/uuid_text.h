#pragma once

#include <array>
#include <string>
#include <string_view>

#include "formats/exact_values/parsed.h"

namespace cdclake::exact_values {

/// Reads `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11`, in either case, into 16 bytes.
Parsed parse_uuid(std::string_view text, char* out);

/// Reads two hexadecimal digits a byte, in either case, into `text.size() / 2` bytes.
Parsed parse_hex(std::string_view text, char* out);

/// The uuid of version 3 (MD5) that Java's `UUID.nameUUIDFromBytes` gives for a name.
std::array<char, 16> name_uuid(std::string_view name);

}  // namespace cdclake::exact_values
