#include "platform/config/byte_size.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace cdclake::config {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits = {{
    {"GiB", std::int64_t{1} << 30},
    {"MiB", std::int64_t{1} << 20},
    {"KiB", std::int64_t{1} << 10},
}};

}  // namespace

std::optional<std::int64_t> parse_byte_size(std::string_view text) {
  std::int64_t unit_bytes = 1;
  for (const auto& [unit, bytes] : kUnits) {
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    unit_bytes = bytes;
    break;
  }
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && count >= 0;
  if (!is_number || count > std::numeric_limits<std::int64_t>::max() / unit_bytes) return {};
  return count * unit_bytes;
}

std::string byte_size_text(std::int64_t bytes) {
  for (const auto& [unit, unit_bytes] : kUnits) {
    if (bytes >= unit_bytes && bytes % unit_bytes == 0) {
      return std::to_string(bytes / unit_bytes) + std::string(unit);
    }
  }
  return std::to_string(bytes);
}

}  // namespace cdclake::config
