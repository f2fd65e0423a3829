#include "formats/exact_values/numeric_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <vector>

namespace cdclake::exact_values {
namespace {

constexpr std::int32_t kScaleMax = 16'383;
constexpr std::int32_t kWholeDigitsMax = 131'072;
/// 147,455 digits need 61,230 bytes.
constexpr std::size_t kBytesMax = 61'240;
constexpr std::uint64_t kChunk = 1'000'000'000'000'000'000;
constexpr std::size_t kChunkDigits = 18;
constexpr std::size_t kLimbBytes = sizeof(std::uint64_t);

__extension__ using Wide = unsigned __int128;

/// A magnitude, least significant limb first, without leading zeros.
using Magnitude = std::vector<std::uint64_t>;

Magnitude magnitude_of(std::string_view bytes, bool is_negative) {
  Magnitude limbs((bytes.size() + kLimbBytes - 1) / kLimbBytes, 0);
  std::uint32_t carry = is_negative ? 1 : 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint32_t byte = static_cast<unsigned char>(bytes[bytes.size() - 1 - i]);
    if (is_negative) {
      byte = (~byte & 0xFFU) + carry;
      carry = byte >> 8U;
      byte &= 0xFFU;
    }
    limbs[i / kLimbBytes] |= std::uint64_t{byte} << (8 * (i % kLimbBytes));
  }
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return limbs;
}

/// A number of chunks below 10^18, least significant first; zeros may lead.
using Chunks = std::vector<std::uint64_t>;

Chunks multiply(const Chunks& a, const Chunks& b) {
  constexpr std::size_t kTermsMax = 256;  // So many products of two chunks fit a wide sum.
  Chunks product(a.size() + b.size());
  Wide carry = 0;
  for (std::size_t column = 0; column < product.size(); ++column) {
    const std::size_t last = std::min(column + 1, a.size());
    std::size_t i = column < b.size() ? 0 : column - b.size() + 1;
    Wide sum = carry;
    carry = 0;
    do {
      const std::size_t end = std::min(last, i + kTermsMax);
      for (; i < end; ++i) sum += static_cast<Wide>(a[i]) * b[column - i];
      carry += sum / kChunk;
      sum %= kChunk;
    } while (i < last);
    product[column] = static_cast<std::uint64_t>(sum);
  }
  return product;
}

/// `sum` must be long enough.
void add(const Chunks& addend, Chunks& sum) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += carry + (i < addend.size() ? addend[i] : 0);
    carry = sum[i] >= kChunk ? 1 : 0;
    if (carry != 0) sum[i] -= kChunk;
  }
}

/// By dividing again and again, which takes time by the square of the size.
Chunks chunks_of_few(std::span<const std::uint64_t> limbs) {
  Magnitude rest(limbs.begin(), limbs.end());
  Chunks chunks;
  for (;;) {
    while (!rest.empty() && rest.back() == 0) rest.pop_back();
    if (rest.empty()) return chunks;
    std::uint64_t remainder = 0;
    for (std::size_t i = rest.size(); i-- > 0;) {
      const Wide part = (static_cast<Wide>(remainder) << 64U) | rest[i];
      rest[i] = static_cast<std::uint64_t>(part / kChunk);
      remainder = static_cast<std::uint64_t>(part % kChunk);
    }
    chunks.push_back(remainder);
  }
}

/// `powers[i]` is 2^(64 * 2^i); grows with the need.
Chunks chunks_of(std::span<const std::uint64_t> limbs, std::vector<Chunks>& powers) {
  constexpr std::size_t kFew = 32;
  if (limbs.size() <= kFew) return chunks_of_few(limbs);
  const auto level = static_cast<std::size_t>(std::bit_width(limbs.size() - 1)) - 1;
  while (powers.size() <= level) powers.push_back(multiply(powers.back(), powers.back()));
  const std::size_t half = std::size_t{1} << level;
  const Chunks high = chunks_of(limbs.subspan(half), powers);
  Chunks sum = multiply(high, powers[level]);
  add(chunks_of(limbs.first(half), powers), sum);
  return sum;
}

/// The decimal digits, least significant first; none for zero.
std::string reversed_digits(const Magnitude& limbs) {
  std::vector<Chunks> powers{{446'744'073'709'551'616, 18}};
  std::string digits;
  digits.reserve(limbs.size() * 20);
  for (std::uint64_t chunk : chunks_of(limbs, powers)) {
    for (std::size_t i = 0; i < kChunkDigits; ++i) {
      digits.push_back(static_cast<char>('0' + chunk % 10));
      chunk /= 10;
    }
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return digits;
}

/// The same of a number that fits 64 bits, without an allocation for `digits` of usual length.
std::string reversed_digits(std::string_view bytes, bool is_negative) {
  std::uint64_t value = is_negative ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  if (is_negative) value = ~value + 1;
  std::string digits;
  for (; value != 0; value /= 10) digits.push_back(static_cast<char>('0' + value % 10));
  return digits;
}

bool is_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t size = text.size();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    return size - text.size();
  };
  const auto sign = [&text] {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  };
  sign();
  std::size_t count = digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    count += digits();
  }
  if (count == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    sign();
    if (digits() == 0) return false;
  }
  return text.empty();
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSpecialValues{{
    {"NAN", "NaN"},
    {"NaN", "NaN"},
    {"POSITIVE_INFINITY", "Infinity"},
    {"Infinity", "Infinity"},
    {"NEGATIVE_INFINITY", "-Infinity"},
    {"-Infinity", "-Infinity"},
}};

}  // namespace

Parsed numeric_text_from_big_endian(std::string_view bytes, std::int32_t scale, std::string& out) {
  if (bytes.empty()) return Parsed::kMalformed;
  if (bytes.size() > kBytesMax || scale > kScaleMax || scale < -kWholeDigitsMax) {
    return Parsed::kNotRepresentable;
  }
  const bool is_negative = static_cast<signed char>(bytes.front()) < 0;
  std::string digits = bytes.size() <= sizeof(std::uint64_t)
                           ? reversed_digits(bytes, is_negative)
                           : reversed_digits(magnitude_of(bytes, is_negative));
  if (scale < 0 && !digits.empty()) digits.insert(0, static_cast<std::size_t>(-scale), '0');
  const auto fraction = static_cast<std::size_t>(std::max(scale, 0));
  if (digits.size() <= fraction) digits.resize(fraction + 1, '0');
  if (digits.size() - fraction > kWholeDigitsMax) return Parsed::kNotRepresentable;

  out.clear();
  if (is_negative) out.push_back('-');
  out.append(digits.rbegin(), digits.rend() - static_cast<std::ptrdiff_t>(fraction));
  if (fraction > 0) {
    out.push_back('.');
    out.append(digits.rend() - static_cast<std::ptrdiff_t>(fraction), digits.rend());
  }
  return Parsed::kOk;
}

Parsed numeric_text_from_text(std::string_view text, std::string& out) {
  for (const auto& [spelling, name] : kSpecialValues) {
    if (text == spelling) {
      out = name;
      return Parsed::kOk;
    }
  }
  if (!is_number(text)) return Parsed::kMalformed;
  out = text;
  return Parsed::kOk;
}

}  // namespace cdclake::exact_values
