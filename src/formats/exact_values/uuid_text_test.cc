#include "formats/exact_values/uuid_text.h"

#include <gtest/gtest.h>

namespace cdclake::exact_values {
namespace {

std::string hex(const char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return text;
}

TEST(UuidTextTest, ReadsBothCases) {
  std::array<char, 16> uuid{};
  ASSERT_EQ(parse_uuid("A0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", uuid.data()), Parsed::kOk);
  EXPECT_EQ(hex(uuid.data(), 16), "a0eebc999c0b4ef8bb6d6bb9bd380a11");
}

TEST(UuidTextTest, RefusesEveryOtherShape) {
  std::array<char, 16> uuid{};
  for (const char* text :
       {"", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
        "{0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1}"}) {
    EXPECT_EQ(parse_uuid(text, uuid.data()), Parsed::kMalformed) << text;
  }
}

TEST(UuidTextTest, ReadsHexadecimalDigits) {
  std::array<char, 4> bytes{};
  ASSERT_EQ(parse_hex("00fFa9", bytes.data()), Parsed::kOk);
  EXPECT_EQ(hex(bytes.data(), 3), "00ffa9");
  EXPECT_EQ(parse_hex("0", bytes.data()), Parsed::kMalformed);
  EXPECT_EQ(parse_hex("0x", bytes.data()), Parsed::kMalformed);
}

TEST(UuidTextTest, NamesUuidsAsJavaDoes) {
  EXPECT_EQ(hex(name_uuid("__debezium_unavailable_value").data(), 16),
            "b68a35a717ad35b3af2aae46edb4545a");
  EXPECT_EQ(hex(name_uuid("@@UNAVAIL-7f3a@@").data(), 16), "503dfedb004e32019b82252d032d1f07");
}

}  // namespace
}  // namespace cdclake::exact_values
