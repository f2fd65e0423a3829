#include "platform/lake/lake_path.h"

#include "base/assert.h"
#include "base/sha256.h"

namespace cdclake::lake {
namespace {

constexpr std::size_t kSegmentBytesMax = 200;
constexpr std::size_t kEscapeBytes = 3;
/// Never comes out of the percent-encoding, so a cut segment equals no whole one.
constexpr char kCutMark = '~';
/// What an empty name becomes; a `%` is otherwise followed by two digits.
constexpr std::string_view kEmptyName = "%";

enum class Dots { kKeepInside, kEncode };
enum class LeadingUnderscore { kKeep, kEncode };

/// Not `std::isalnum`, which asks the locale.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

std::string percent_encode(std::string_view text, Dots dots, LeadingUnderscore underscore) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (text.empty()) return std::string(kEmptyName);
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside = i > 0 && i + 1 < text.size();
    const bool keeps_dot = c == '.' && inside && dots == Dots::kKeepInside;
    const bool keeps_underscore = c == '_' && (i > 0 || underscore == LeadingUnderscore::kKeep);
    if (is_plain(c) || keeps_dot || keeps_underscore) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return encoded;
}

/// Cuts between escapes and adds a hash of `whole`.
std::string cut(std::string encoded, std::string_view whole) {
  if (encoded.size() <= kSegmentBytesMax) return encoded;
  const std::string tail = kCutMark + sha256_hex(whole).substr(0, 32);
  std::size_t length = kSegmentBytesMax - tail.size();
  const std::size_t escape = encoded.rfind('%', length - 1);
  if (escape != std::string::npos && escape + kEscapeBytes > length) length = escape;
  encoded.resize(length);
  return encoded + tail;
}

}  // namespace

LakePath LakePath::operator/(std::string_view segment) const {
  CDCLAKE_ASSERT(!segment.empty());
  LakePath joined{root, relative};
  if (!joined.relative.empty()) joined.relative += '/';
  joined.relative += segment;
  return joined;
}

LakePath LakePath::parent() const {
  const auto slash = relative.rfind('/');
  return {root, slash == std::string::npos ? "" : relative.substr(0, slash)};
}

std::string_view LakePath::name() const {
  const std::string_view text = relative;
  return text.substr(text.rfind('/') + 1);
}

LakePath private_folder(Root root) { return {root, ".cdclake"}; }

LakePath wip_path(Root root, std::string_view id) { return private_folder(root) / "wip" / id; }

std::string encode_segment(std::string_view text) {
  return cut(percent_encode(text, Dots::kKeepInside, LeadingUnderscore::kEncode), text);
}

std::string encode_table_segment(std::string_view schema, std::string_view table) {
  const std::string whole =
      std::to_string(schema.size()) + ":" + std::string(schema) + std::string(table);
  return cut(percent_encode(schema, Dots::kEncode, LeadingUnderscore::kEncode) + "." +
                 percent_encode(table, Dots::kEncode, LeadingUnderscore::kKeep),
             whole);
}

}  // namespace cdclake::lake
