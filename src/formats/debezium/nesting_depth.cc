#include "formats/debezium/nesting_depth.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace cdclake::debezium {
namespace {

constexpr std::uint64_t every_byte(std::uint64_t byte) { return byte * 0x0101010101010101U; }

/// How many bytes of the word are `{` or `[`, which differ in one bit only.
int openings(std::uint64_t word) {
  constexpr std::uint64_t kLow = every_byte(0x7F);
  const std::uint64_t difference = (word | every_byte(0x20)) ^ every_byte('{');
  const std::uint64_t is_other = ((difference & kLow) + kLow) | difference;
  return __builtin_popcountll(~is_other & ~kLow);
}

/// Stops counting past `count_max`.
int count_openings(std::string_view json, int count_max) {
  int count = 0;
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= json.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, json.data() + i, sizeof word);
    count += openings(word);
    if (count > count_max) return count;
  }
  for (; i < json.size(); ++i) count += (json[i] | 0x20) == '{' ? 1 : 0;
  return count;
}

bool walks_too_deep(std::string_view json, int nesting_max) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > nesting_max) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

bool nests_too_deep(std::string_view json, int nesting_max) {
  // No text nests deeper than it opens.
  return count_openings(json, nesting_max) > nesting_max && walks_too_deep(json, nesting_max);
}

std::optional<Fault> text_fault(std::string_view json, int nesting_max) {
  if (json.starts_with("\xEF\xBB\xBF")) {
    return Fault{reason::kJsonParse, "a byte order mark is no JSON"};
  }
  if (nests_too_deep(json, nesting_max)) {
    return Fault{reason::kTooDeep, "nested deeper than " + std::to_string(kNestingMax)};
  }
  return std::nullopt;
}

}  // namespace cdclake::debezium
