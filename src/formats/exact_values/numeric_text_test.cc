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
