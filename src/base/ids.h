#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace cdclake {

/// A string that is only comparable with others of its own kind.
template <typename Tag>
struct StringId {
  std::string value;

  StringId() = default;
  explicit StringId(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  friend bool operator==(const StringId&, const StringId&) = default;
  friend auto operator<=>(const StringId&, const StringId&) = default;
};

/// One stretch of work of one process: 32 hexadecimal digits, as the first version wrote them.
using RunId = StringId<struct RunIdTag>;
/// One file of the lake; never used twice.
using FileId = StringId<struct FileIdTag>;

/// 32 lower-case hexadecimal digits (128 bits) from the operating system's random source.
std::string random_hex_id();

}  // namespace cdclake

template <typename Tag>
struct std::hash<cdclake::StringId<Tag>> {
  std::size_t operator()(const cdclake::StringId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
