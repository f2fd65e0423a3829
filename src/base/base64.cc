#include "base/base64.h"

#include <array>
#include <cstdint>

namespace cdclake {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_table(char digit62, char digit63) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kInvalid);
  for (std::size_t i = 0; i < 62; ++i) {
    table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  table[static_cast<unsigned char>(digit62)] = 62;
  table[static_cast<unsigned char>(digit63)] = 63;
  return table;
}

constexpr auto kStandardTable = make_table('+', '/');
constexpr auto kUrlSafeTable = make_table('-', '_');

std::string_view without_padding(std::string_view text) {
  if (text.size() % 4 != 0) return text;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

bool decode_base64(std::string_view text, Base64Alphabet alphabet, std::string& out) {
  const auto& table = alphabet == Base64Alphabet::kStandard ? kStandardTable : kUrlSafeTable;
  text = without_padding(text);
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char digit : text) {
    const std::uint8_t value = table[static_cast<unsigned char>(digit)];
    if (value == kInvalid) return false;
    bits = (bits << 6U) | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out.push_back(static_cast<char>((bits >> bit_count) & 0xFFU));
    }
  }
  return (bits & ((1U << bit_count) - 1U)) == 0;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(byte);
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      out.push_back(kDigits[(bits >> bit_count) & 63U]);
    }
  }
  if (bit_count > 0) out.push_back(kDigits[(bits << (6 - bit_count)) & 63U]);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

}  // namespace cdclake
