#include "platform/config/byte_size.h"

#include <gtest/gtest.h>

namespace cdclake::config {
namespace {

TEST(ByteSizeTest, ReadsWhatItWrites) {
  for (const char* text : {"1GiB", "1536MiB", "3KiB", "1000", "0", "8388607GiB"}) {
    const auto bytes = parse_byte_size(text);
    ASSERT_TRUE(bytes.has_value()) << text;
    EXPECT_EQ(byte_size_text(*bytes), text);
  }
  EXPECT_EQ(parse_byte_size("1024MiB"), std::int64_t{1} << 30);
}

TEST(ByteSizeTest, RefusesWhatMayMeanSomethingElse) {
  for (const char* text : {"", "GiB", "1GB", "1 GiB", "1.5GiB", "1gib", "-1", "-1GiB", "1G",
                           "9223372036854775808", "8589934592GiB", "0x10"}) {
    EXPECT_EQ(parse_byte_size(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cdclake::config
