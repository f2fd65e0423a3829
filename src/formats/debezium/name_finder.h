#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace cdclake::debezium {

/// Finds names that mostly come in one order.
template <std::size_t Size>
class NameFinder {
 public:
  explicit constexpr NameFinder(const std::array<std::string_view, Size>& names) : names_(names) {}
  /// The name's index, or `Size`.
  std::size_t find(std::string_view name) {
    if (next_ < Size && names_[next_] == name) return next_++;
    for (std::size_t i = 0; i < Size; ++i) {
      if (names_[i] == name) {
        next_ = i + 1;
        return i;
      }
    }
    return Size;
  }

 private:
  const std::array<std::string_view, Size>& names_;
  std::size_t next_ = 0;
};

}  // namespace cdclake::debezium
