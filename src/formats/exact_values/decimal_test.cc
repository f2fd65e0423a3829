#include "formats/exact_values/decimal.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace cdclake::exact_values {
namespace {

/// The decimal's bytes as a number, where it fits.
std::int64_t low_half(const std::string& bytes) {
  std::int64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

struct Read {
  Parsed parsed;
  std::string bytes;
};

Read from_text(std::string_view text, int precision, int scale) {
  Read read{Parsed::kOk, std::string(decimal_width(precision), '?')};
  read.parsed = decimal_from_text(text, precision, scale, read.bytes.data());
  return read;
}

Read from_bytes(std::string_view bytes, int precision) {
  Read read{Parsed::kOk, std::string(decimal_width(precision), '?')};
  read.parsed = decimal_from_big_endian(bytes, precision, read.bytes.data());
  return read;
}

TEST(DecimalTest, ReadsTextAtItsScale) {
  EXPECT_EQ(low_half(from_text("10.2345", 10, 4).bytes), 102'345);
  EXPECT_EQ(low_half(from_text("-10.2", 10, 4).bytes), -102'000);
  EXPECT_EQ(low_half(from_text("1E+3", 10, 2).bytes), 100'000);
  EXPECT_EQ(low_half(from_text("1.5e-1", 10, 2).bytes), 15);
  EXPECT_EQ(low_half(from_text("-0.00", 10, 2).bytes), 0);
  EXPECT_EQ(low_half(from_text("000000000001.50000", 3, 2).bytes), 150);
}

TEST(DecimalTest, RefusesWhatTheTypeCannotHold) {
  EXPECT_EQ(from_text("0.001", 10, 2).parsed, Parsed::kNotRepresentable);
  EXPECT_EQ(from_text("100000000", 10, 2).parsed, Parsed::kNotRepresentable);
  EXPECT_EQ(from_text("99999999.99", 10, 2).parsed, Parsed::kOk);
  EXPECT_EQ(from_text("1e999999999999", 38, 0).parsed, Parsed::kNotRepresentable);
  EXPECT_EQ(from_text("1e-999999999999", 38, 0).parsed, Parsed::kNotRepresentable);
  // Any exponent counts in full: these two are 1 and 0.1.
  EXPECT_EQ(low_half(from_text("0." + std::string(1'000'000, '0') + "1e1000001", 10, 1).bytes), 10);
  EXPECT_EQ(low_half(from_text("1" + std::string(1'000'000, '0') + "e-1000001", 10, 1).bytes), 1);
  EXPECT_EQ(low_half(from_text("0e99999999999999999999", 10, 1).bytes), 0);
  EXPECT_EQ(from_text(std::string(39, '9'), 38, 0).parsed, Parsed::kNotRepresentable);
  EXPECT_EQ(from_bytes(std::string("\x01\x00", 2), 2).parsed, Parsed::kNotRepresentable);
  EXPECT_EQ(from_bytes(std::string(33, '\x01'), 76).parsed, Parsed::kNotRepresentable);
}

TEST(DecimalTest, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "1.2.3", "1e", "NaN", "0x1", "1 ", " 1", "--1", "1e+"}) {
    EXPECT_EQ(from_text(text, 10, 2).parsed, Parsed::kMalformed) << text;
  }
  EXPECT_EQ(from_bytes("", 10).parsed, Parsed::kMalformed);
}

TEST(DecimalTest, ReadsBigEndianBytes) {
  EXPECT_EQ(low_half(from_bytes(std::string("\x01\x8F\xC9", 3), 10).bytes), 102'345);
  EXPECT_EQ(low_half(from_bytes("\xFF", 10).bytes), -1);
  EXPECT_EQ(low_half(from_bytes(std::string("\0\0\0\x05", 4), 1).bytes), 5);
  EXPECT_EQ(low_half(from_bytes(std::string(40, '\xFF'), 76).bytes), -1);
}

TEST(DecimalTest, HoldsTheLargestAndTheSmallestOfBothWidths) {
  for (const int precision : {38, 76}) {
    const std::string nines(static_cast<std::size_t>(precision), '9');
    const Read largest = from_text(nines, precision, 0);
    const Read smallest = from_text("-" + nines, precision, 0);
    ASSERT_EQ(largest.parsed, Parsed::kOk);
    ASSERT_EQ(smallest.parsed, Parsed::kOk);
    const std::string big_endian(smallest.bytes.rbegin(), smallest.bytes.rend());
    EXPECT_EQ(from_bytes(big_endian, precision).bytes, smallest.bytes);
    EXPECT_EQ(
        from_bytes(std::string(largest.bytes.rbegin(), largest.bytes.rend()), precision).bytes,
        largest.bytes);
    EXPECT_EQ(largest.bytes.size(), precision == 38 ? 16U : 32U);
  }
}

}  // namespace
}  // namespace cdclake::exact_values
