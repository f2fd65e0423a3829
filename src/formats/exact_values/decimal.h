#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/exact_values/parsed.h"

namespace cdclake::exact_values {

inline constexpr int kDecimalDigitsMax = 76;

/// Bytes of a decimal of `precision` digits: 16 up to 38, else 32.
constexpr std::size_t decimal_width(int precision) { return precision <= 38 ? 16 : 32; }

/// Reads `-12.340`, `1E+3`, at `scale` digits after the point, as two's complement, little endian,
/// of `decimal_width(precision)` bytes. Digits past the scale must be zeros; a value of more than
/// `precision` digits is kNotRepresentable.
Parsed decimal_from_text(std::string_view text, int precision, int scale, char* out);

/// The same from an unscaled two's complement number, big endian, as Kafka Connect's Decimal
/// carries it. No bytes at all are kMalformed.
Parsed decimal_from_big_endian(std::string_view bytes, int precision, char* out);

}  // namespace cdclake::exact_values
