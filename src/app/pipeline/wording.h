#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cdclake::pipeline {

/// `1 record`, `2 records`.
inline std::string counted(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace cdclake::pipeline
