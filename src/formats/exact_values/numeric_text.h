#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/exact_values/parsed.h"

namespace cdclake::exact_values {

/// Writes an unscaled two's complement number, big endian, as plain decimal text with `scale`
/// digits after the point: `-0.0012`. A negative scale appends zeros. Numbers past what PostgreSQL
/// can hold (131,072 digits before the point, 16,383 after) are kNotRepresentable, before any
/// arithmetic on them.
Parsed numeric_text_from_big_endian(std::string_view bytes, std::int32_t scale, std::string& out);

/// Copies the text of a number as it stands. Debezium's words for the special values become
/// PostgreSQL's `NaN`, `Infinity` and `-Infinity`, which are accepted as well.
Parsed numeric_text_from_text(std::string_view text, std::string& out);

}  // namespace cdclake::exact_values
