#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cdclake::debezium {

/// How many bytes may be read past the end of a padded text; they are zero.
inline constexpr std::size_t kPadding = 64;

template <typename Word>
Word load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// Whether `name` stands at `text`. Faster than a call of memcmp for the short names of columns;
/// reads no byte of either past the name's size.
inline bool stands_at(const char* text, std::string_view name) {
  const std::size_t size = name.size();
  if (size < 8) {
    if (size >= 4) {
      const std::size_t last = size - 4;
      return load<std::uint32_t>(text) == load<std::uint32_t>(name.data()) &&
             load<std::uint32_t>(text + last) == load<std::uint32_t>(name.data() + last);
    }
    for (std::size_t i = 0; i < size; ++i) {
      if (text[i] != name[i]) return false;
    }
    return true;
  }
  const std::size_t last = size - 8;
  for (std::size_t i = 0; i < last; i += 8) {
    if (load<std::uint64_t>(text + i) != load<std::uint64_t>(name.data() + i)) return false;
  }
  return load<std::uint64_t>(text + last) == load<std::uint64_t>(name.data() + last);
}

/// Where a whole number of at most 18 digits ends, as JSON spells it; null where none begins, or
/// where it goes on as a fraction or with an exponent.
inline const char* pass_integer(const char* place, std::int64_t& value) {
  const bool is_negative = *place == '-';
  if (is_negative) ++place;
  const char* const start = place;
  std::uint64_t magnitude = 0;
  for (unsigned digit = 0; (digit = static_cast<unsigned char>(*place - '0')) <= 9; ++place) {
    magnitude = magnitude * 10 + digit;
  }
  const auto digits = place - start;
  const bool goes_on = *place == '.' || (*place | 0x20) == 'e';
  if (digits == 0 || digits > 18 || goes_on || (*start == '0' && digits > 1)) return nullptr;
  value = static_cast<std::int64_t>(is_negative ? -magnitude : magnitude);
  return place;
}

}  // namespace cdclake::debezium
