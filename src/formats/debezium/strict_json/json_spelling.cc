#include "formats/debezium/strict_json/json_spelling.h"

#include <algorithm>

namespace cdclake::debezium {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

void append_control(char c, std::string& text) {
  constexpr std::string_view kControls = "\b\t\n\f\r";
  constexpr std::string_view kLetters = "btnfr";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  if (const std::size_t place = kControls.find(c); place != std::string_view::npos) {
    text += {'\\', kLetters[place]};
    return;
  }
  const auto code = static_cast<unsigned char>(c);
  text.append("\\u00");
  text += {kHex[code >> 4U], kHex[code & 15U]};
}

}  // namespace

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '"' || c == '\\' || is_control(c); });
}

std::string json_spelling(std::string_view text) {
  std::string spelling;
  for (const char c : text) {
    if (is_control(c)) {
      append_control(c, spelling);
      continue;
    }
    if (c == '"' || c == '\\') spelling += '\\';
    spelling += c;
  }
  return spelling;
}

}  // namespace cdclake::debezium
