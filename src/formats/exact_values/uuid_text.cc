#include "formats/exact_values/uuid_text.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace cdclake::exact_values {
namespace {

constexpr int kNoDigit = -1;

constexpr std::array<int, 256> hex_digits() {
  std::array<int, 256> values{};
  values.fill(kNoDigit);
  int value = 0;
  for (const char digit : std::string_view("0123456789abcdef")) {
    values[static_cast<unsigned char>(digit)] = value++;
  }
  value = 10;
  for (const char digit : std::string_view("ABCDEF")) {
    values[static_cast<unsigned char>(digit)] = value++;
  }
  return values;
}

constexpr auto kHexDigits = hex_digits();

/// The byte that two digits spell, or a negative number.
int hex_byte(const char* text) {
  const int high = kHexDigits[static_cast<unsigned char>(text[0])];
  const int low = kHexDigits[static_cast<unsigned char>(text[1])];
  return (high | low) < 0 ? kNoDigit : high * 16 + low;
}

// MD5 (RFC 1321), for names only; nothing here trusts it.
using Md5State = std::array<std::uint32_t, 4>;

constexpr std::array<int, 16> kMd5Rotations{7, 12, 17, 22, 5, 9,  14, 20,
                                            4, 11, 16, 23, 6, 10, 15, 21};

std::uint32_t md5_constant(std::size_t step) {
  return static_cast<std::uint32_t>(
      std::floor(std::fabs(std::sin(static_cast<double>(step + 1))) * 4294967296.0));
}

/// The round's mixing function, and the word that it takes.
std::pair<std::uint32_t, std::size_t> md5_mix(std::size_t step, std::uint32_t b, std::uint32_t c,
                                              std::uint32_t d) {
  switch (step / 16) {
    case 0:
      return {(b & c) | (~b & d), step};
    case 1:
      return {(d & b) | (~d & c), (5 * step + 1) % 16};
    case 2:
      return {b ^ c ^ d, (3 * step + 5) % 16};
    default:
      return {c ^ (b | ~d), (7 * step) % 16};
  }
}

void md5_block(Md5State& state, const char* block) {
  std::array<std::uint32_t, 16> words{};
  std::memcpy(words.data(), block, 64);
  auto [a, b, c, d] = state;
  for (std::size_t step = 0; step < 64; ++step) {
    const auto [mix, word] = md5_mix(step, b, c, d);
    const std::uint32_t sum = a + mix + md5_constant(step) + words[word];
    const int rotation = kMd5Rotations[step / 16 * 4 + step % 4];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, rotation);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

std::array<char, 16> md5(std::string_view bytes) {
  std::string padded(bytes);
  padded.push_back('\x80');
  padded.resize((padded.size() + 8 + 63) / 64 * 64, '\0');
  const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
  std::memcpy(padded.data() + padded.size() - 8, &bits, sizeof bits);
  Md5State state{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
  for (std::size_t i = 0; i < padded.size(); i += 64) md5_block(state, padded.data() + i);
  std::array<char, 16> digest{};
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

}  // namespace

Parsed parse_uuid(std::string_view text, char* out) {
  constexpr std::array<std::size_t, 16> kPlaces{0,  2,  4,  6,  9,  11, 14, 16,
                                                19, 21, 24, 26, 28, 30, 32, 34};
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return Parsed::kMalformed;
  }
  int faults = 0;
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    const int byte = hex_byte(text.data() + kPlaces[i]);
    faults |= byte;
    out[i] = static_cast<char>(byte);
  }
  return faults < 0 ? Parsed::kMalformed : Parsed::kOk;
}

Parsed parse_hex(std::string_view text, char* out) {
  if (text.size() % 2 != 0) return Parsed::kMalformed;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int byte = hex_byte(text.data() + i);
    if (byte < 0) return Parsed::kMalformed;
    *out++ = static_cast<char>(byte);
  }
  return Parsed::kOk;
}

std::array<char, 16> name_uuid(std::string_view name) {
  std::array<char, 16> uuid = md5(name);
  uuid[6] = static_cast<char>((static_cast<unsigned char>(uuid[6]) & 0x0FU) | 0x30U);
  uuid[8] = static_cast<char>((static_cast<unsigned char>(uuid[8]) & 0x3FU) | 0x80U);
  return uuid;
}

}  // namespace cdclake::exact_values
