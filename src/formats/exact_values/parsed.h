#pragma once

#include <cstdint>

namespace cdclake::exact_values {

/// What became of a spelling. Unless kOk, the output is unspecified.
enum class [[nodiscard]] Parsed : std::uint8_t {
  kOk,
  kMalformed,         ///< Not a spelling of this type.
  kNotRepresentable,  ///< A value that the type cannot hold exactly.
};

}  // namespace cdclake::exact_values
