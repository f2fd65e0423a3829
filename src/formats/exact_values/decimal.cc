#include "formats/exact_values/decimal.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/assert.h"

namespace cdclake::exact_values {
namespace {

static_assert(std::endian::native == std::endian::little, "decimals are written as they lie");

__extension__ using Wide = unsigned __int128;

/// A magnitude below 2^256, least significant limb first.
using Limbs = std::array<std::uint64_t, 4>;

/// `value * factor + addend`; false past 256 bits.
constexpr bool multiply_add(Limbs& value, std::uint64_t factor, std::uint64_t addend) {
  Wide carry = addend;
  for (std::uint64_t& limb : value) {
    carry += static_cast<Wide>(limb) * factor;
    limb = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  return carry == 0;
}

constexpr std::array<Limbs, kDecimalDigitsMax + 1> powers_of_ten() {
  std::array<Limbs, kDecimalDigitsMax + 1> powers{};
  powers[0] = {1, 0, 0, 0};
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1];
    multiply_add(powers[i], 10, 0);
  }
  return powers;
}

constexpr auto kPowersOfTen = powers_of_ten();

bool is_less(const Limbs& a, const Limbs& b) {
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

void negate(Limbs& value) {
  std::uint64_t carry = 1;
  for (std::uint64_t& limb : value) {
    limb = ~limb + carry;
    carry = carry != 0 && limb == 0 ? 1 : 0;
  }
}

Parsed store(Limbs magnitude, bool is_negative, int precision, char* out) {
  if (!is_less(magnitude, kPowersOfTen[static_cast<std::size_t>(precision)])) {
    return Parsed::kNotRepresentable;
  }
  if (is_negative) negate(magnitude);
  std::memcpy(out, magnitude.data(), decimal_width(precision));
  return Parsed::kOk;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of a decimal text: `[+-]digits[.digits][e[+-]digits]`.
struct DecimalText {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;  ///< Saturated far past what the digits of any text can make up for.
};

constexpr std::int64_t kExponentMax = 1'000'000'000'000;

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool take_sign(std::string_view& text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  return is_negative;
}

bool take_exponent(std::string_view& text, std::int64_t& exponent) {
  text.remove_prefix(1);
  const bool is_negative = take_sign(text);
  const std::string_view digits = take_digits(text);
  for (const char c : digits) {
    exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
  }
  if (is_negative) exponent = -exponent;
  return !digits.empty();
}

std::optional<DecimalText> split(std::string_view text) {
  DecimalText parts;
  parts.is_negative = take_sign(text);
  parts.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    if (!take_exponent(text, parts.exponent)) return std::nullopt;
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

/// Takes digits one after the other, most significant first.
class DigitSum {
 public:
  /// False once the number has more digits than any decimal; `position` is the power of ten of the
  /// digit in the unscaled value.
  bool add(char digit, std::int64_t position) {
    if (digit == '0') return true;
    if (position < 0) return false;
    if (position >= kDecimalDigitsMax) return false;
    const auto power = static_cast<std::size_t>(position);
    const Limbs& ten = kPowersOfTen[power];
    Wide carry = 0;
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      carry += static_cast<Wide>(ten[i]) * static_cast<std::uint64_t>(digit - '0') + sum_[i];
      sum_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    return true;
  }
  const Limbs& value() const { return sum_; }

 private:
  Limbs sum_{};
};

Limbs sign_extend(std::string_view bytes) {
  const bool is_negative = static_cast<signed char>(bytes.front()) < 0;
  Limbs value{};
  value.fill(is_negative ? ~std::uint64_t{0} : 0);
  auto* lanes = reinterpret_cast<unsigned char*>(value.data());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    lanes[i] = static_cast<unsigned char>(bytes[bytes.size() - 1 - i]);
  }
  return value;
}

/// Bytes that only repeat the sign carry nothing.
std::string_view trim_sign(std::string_view bytes) {
  while (bytes.size() > 1) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const bool next_is_negative = static_cast<signed char>(bytes[1]) < 0;
    if (first != (next_is_negative ? 0xFF : 0x00)) break;
    bytes.remove_prefix(1);
  }
  return bytes;
}

}  // namespace

Parsed decimal_from_text(std::string_view text, int precision, int scale, char* out) {
  CDCLAKE_ASSERT(precision >= 1 && precision <= kDecimalDigitsMax);
  const auto parts = split(text);
  if (!parts) return Parsed::kMalformed;
  DigitSum sum;
  std::int64_t position =
      static_cast<std::int64_t>(parts->whole.size()) - 1 + parts->exponent + scale;
  for (const std::string_view digits : {parts->whole, parts->fraction}) {
    for (const char digit : digits) {
      if (!sum.add(digit, position--)) return Parsed::kNotRepresentable;
    }
  }
  return store(sum.value(), parts->is_negative, precision, out);
}

Parsed decimal_from_big_endian(std::string_view bytes, int precision, char* out) {
  CDCLAKE_ASSERT(precision >= 1 && precision <= kDecimalDigitsMax);
  if (bytes.empty()) return Parsed::kMalformed;
  bytes = trim_sign(bytes);
  if (bytes.size() > sizeof(Limbs)) return Parsed::kNotRepresentable;
  Limbs value = sign_extend(bytes);
  const bool is_negative = static_cast<std::int64_t>(value.back()) < 0;
  if (is_negative) negate(value);
  return store(value, is_negative, precision, out);
}

}  // namespace cdclake::exact_values
