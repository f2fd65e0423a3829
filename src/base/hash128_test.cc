#include "base/hash128.h"

#include <gtest/gtest.h>

namespace cdclake {
namespace {

TEST(Hash128Test, SurvivesItsTextForm) {
  const Hash128 hash = hash128("change");
  EXPECT_EQ(Hash128::from_hex(hash.to_hex()), hash);
  EXPECT_FALSE(Hash128::from_hex("12").has_value());
  EXPECT_FALSE(Hash128::from_hex(std::string(32, 'z')).has_value());
}

TEST(Hash128Test, CarriesWhenSumsOverflow) {
  Hash128 sum{0, ~0ULL};
  sum += Hash128{0, 1};
  EXPECT_EQ(sum, (Hash128{1, 0}));
}

TEST(Hash128Test, GivesTheSameDigestInPieces) {
  StreamHash128 stream;
  stream.update("cha");
  stream.update("nge");
  EXPECT_EQ(stream.digest(), hash128("change"));
}

}  // namespace
}  // namespace cdclake
