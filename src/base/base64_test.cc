#include "base/base64.h"

#include <gtest/gtest.h>

namespace cdclake {
namespace {

TEST(Base64Test, DecodesWhatItEncodes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    std::string back;
    ASSERT_TRUE(decode_base64(encode_base64(bytes), Base64Alphabet::kStandard, back));
    EXPECT_EQ(back, bytes);
    bytes.push_back(static_cast<char>(i));
  }
}

TEST(Base64Test, AcceptsMissingPaddingAndTheUrlSafeAlphabet) {
  std::string out;
  EXPECT_TRUE(decode_base64("-_8", Base64Alphabet::kUrlSafe, out));
  EXPECT_EQ(out, "\xFB\xFF");
}

TEST(Base64Test, RefusesForeignCharactersWrongLengthsAndSpareBits) {
  std::string out;
  EXPECT_FALSE(decode_base64("A", Base64Alphabet::kStandard, out));
  EXPECT_FALSE(decode_base64("AA-_", Base64Alphabet::kStandard, out));
  EXPECT_FALSE(decode_base64("AB==", Base64Alphabet::kStandard, out));
  EXPECT_FALSE(decode_base64("A===", Base64Alphabet::kStandard, out));
}

}  // namespace
}  // namespace cdclake
