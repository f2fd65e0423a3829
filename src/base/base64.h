#pragma once

#include <string>
#include <string_view>

namespace cdclake {

enum class Base64Alphabet { kStandard, kUrlSafe };

/// Appends the decoded bytes to `out`. Accepts padded and unpadded text; false, with `out`
/// unspecified, on any other character, on a wrong length, or on non-zero spare bits.
bool decode_base64(std::string_view text, Base64Alphabet alphabet, std::string& out);
/// Padded, standard alphabet.
std::string encode_base64(std::string_view bytes);

}  // namespace cdclake
