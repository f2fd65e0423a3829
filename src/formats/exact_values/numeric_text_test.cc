#include "formats/exact_values/numeric_text.h"

#include <gtest/gtest.h>

namespace cdclake::exact_values {
namespace {

std::string from_bytes(std::string_view bytes, std::int32_t scale) {
  std::string text;
  return numeric_text_from_big_endian(bytes, scale, text) == Parsed::kOk ? text : "refused";
}

std::string from_text(std::string_view input) {
  std::string text;
  return numeric_text_from_text(input, text) == Parsed::kOk ? text : "refused";
}

TEST(NumericTextTest, WritesPlainDecimals) {
  EXPECT_EQ(from_bytes("\x0B", 1), "1.1");
  EXPECT_EQ(from_bytes(std::string("\x08\xAE", 2), 2), "22.22");
  EXPECT_EQ(from_bytes(std::string("\x03\xE8", 2), 0), "1000");
  EXPECT_EQ(from_bytes("\xFF", 3), "-0.001");
  EXPECT_EQ(from_bytes(std::string("\0", 1), 0), "0");
  EXPECT_EQ(from_bytes(std::string("\0", 1), 2), "0.00");
  EXPECT_EQ(from_bytes("\x05", -3), "5000");
  EXPECT_EQ(from_bytes(std::string("\0", 1), -3), "0");
  EXPECT_EQ(from_bytes(std::string("\x80\0\0\0", 4), 0), "-2147483648");
  EXPECT_EQ(from_bytes(std::string("\xFF\0", 2), 0), "-256");
  // 2^64
  EXPECT_EQ(from_bytes(std::string("\x01\0\0\0\0\0\0\0\0", 9), 0), "18446744073709551616");
}

TEST(NumericTextTest, KeepsEveryDigitOfAVeryLongNumber) {
  // 2^4096 - 1
  const std::string text = from_bytes(std::string(1, '\0') + std::string(512, '\xFF'), 0);
  EXPECT_EQ(text.size(), 1234U);
  EXPECT_TRUE(
      text.starts_with("10443888814131525066917527107166243825799642490473837803842334832839"));
  EXPECT_TRUE(text.ends_with("91511131602920781738033436090243804708340403154190335"));
}

/// Decimal digits times 256, plus a byte: slow and plain.
std::string append_byte(const std::string& digits, unsigned byte) {
  std::string reversed;
  unsigned carry = byte;
  for (std::size_t i = digits.size(); i-- > 0;) {
    carry += static_cast<unsigned>(digits[i] - '0') * 256;
    reversed += static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  for (; carry != 0; carry /= 10) reversed += static_cast<char>('0' + carry % 10);
  return {reversed.rbegin(), reversed.rend()};
}

TEST(NumericTextTest, ConvertsEverySizeAsLongDivisionDoes) {
  std::string bytes;
  std::string digits;
  unsigned byte = 1;
  for (std::size_t size = 1; size <= 1500; ++size) {
    bytes += static_cast<char>(byte);
    digits = append_byte(digits, byte);
    // Runs of zeros and ones between the rest.
    byte = size % 200 < 30 ? 0 : size % 200 < 60 ? 255 : (byte * 75 + 74) % 256;
    const bool is_looked_at = size % 37 == 0 || (size > 250 && size < 275) || size > 1490;
    if (!is_looked_at) continue;
    ASSERT_EQ(from_bytes(bytes, 0), digits) << size;
  }
}

TEST(NumericTextTest, KeepsTheZerosWithinALongNumber) {
  // 10^36 and 2^192
  EXPECT_EQ(from_bytes(std::string("\x00\xC0\x97\xCE\x7B\xC9\x07\x15\xB3\x4B\x9F\x10"
                                   "\x00\x00\x00\x00",
                                   16),
                       0),
            "1" + std::string(36, '0'));
  EXPECT_EQ(from_bytes(std::string(1, '\x01') + std::string(24, '\0'), 0),
            "6277101735386680763835789423207666416102355444464034512896");
  EXPECT_EQ(from_bytes(std::string(1, '\xFF') + std::string(24, '\0'), 0),
            "-6277101735386680763835789423207666416102355444464034512896");
}

TEST(NumericTextTest, CapsWhatPostgresCannotHold) {
  EXPECT_EQ(from_bytes(std::string(70'000, '\x01'), 0), "refused");
  EXPECT_EQ(from_bytes("\x01", 16'384), "refused");
  EXPECT_EQ(from_bytes("\x01", -131'073), "refused");
  EXPECT_EQ(from_bytes("\x01", -131'072), "refused");
  EXPECT_EQ(from_bytes("\x01", -131'071).size(), 131'072U);
  EXPECT_EQ(from_bytes("", 0), "refused");
}

TEST(NumericTextTest, CopiesTextAndSpellsTheSpecialValuesAsPostgresDoes) {
  EXPECT_EQ(from_text("1.10"), "1.10");
  EXPECT_EQ(from_text("-0.000"), "-0.000");
  EXPECT_EQ(from_text("NAN"), "NaN");
  EXPECT_EQ(from_text("POSITIVE_INFINITY"), "Infinity");
  EXPECT_EQ(from_text("-Infinity"), "-Infinity");
  for (const char* text : {"", "nan", "1,0", "abc", "1.0 ", "-"}) {
    EXPECT_EQ(from_text(text), "refused") << text;
  }
}

}  // namespace
}  // namespace cdclake::exact_values
