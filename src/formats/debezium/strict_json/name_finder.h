#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "formats/debezium/strict_json/padded_text.h"

namespace cdclake::debezium {

/// Finds names that mostly come in one order.
template <std::size_t Size>
class NameFinder {
 public:
  explicit constexpr NameFinder(const std::array<std::string_view, Size>& names) : names_(names) {}
  const std::array<std::string_view, Size>& names() const { return names_; }
  /// The index of the name that begins at `text`, padded, and ends at a quote; or `Size`.
  std::size_t find(const char* text) {
    if (next_ < Size && is_at(text, names_[next_])) return next_++;
    for (std::size_t i = 0; i < Size; ++i) {
      if (is_at(text, names_[i])) {
        next_ = i + 1;
        return i;
      }
    }
    return Size;
  }

 private:
  static bool is_at(const char* text, std::string_view name) {
    return stands_at(text, name) && text[name.size()] == '"';
  }

  const std::array<std::string_view, Size>& names_;
  std::size_t next_ = 0;
};

}  // namespace cdclake::debezium
