#include "base/ids.h"

#include <sys/random.h>

#include <array>

#include "base/assert.h"

namespace cdclake {

std::string random_hex_id() {
  std::array<unsigned char, 16> bytes{};
  CDCLAKE_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

}  // namespace cdclake
