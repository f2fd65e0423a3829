#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cdclake::config {

/// `512MiB`, `2GiB`, `64KiB`, or bytes without a unit: whole numbers only. Nothing where it is none
/// of these or does not fit. Units of 1000 are refused: who writes MB may mean either.
std::optional<std::int64_t> parse_byte_size(std::string_view text);

/// In the largest unit of which it is a whole number: `1GiB`, `1536MiB`, `1000`.
std::string byte_size_text(std::int64_t bytes);

}  // namespace cdclake::config
