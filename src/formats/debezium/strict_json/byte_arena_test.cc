#include "formats/debezium/strict_json/byte_arena.h"

#include <gtest/gtest.h>

namespace cdclake::debezium {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;

TEST(ByteArenaTest, GivesTheRoomOfAnUnusualRecordBack) {
  ByteArena arena;
  arena.allocate(20 * kMebibyte);
  arena.scratch().resize(20 * kMebibyte);
  arena.second_scratch().resize(20 * kMebibyte);
  arena.items().resize(kMebibyte);
  EXPECT_GE(arena.kept_bytes(), 80 * kMebibyte);
  arena.reset();
  EXPECT_LE(arena.kept_bytes(), 16 * kMebibyte);
}

TEST(ByteArenaTest, KeepsTheRoomOfUsualRecords) {
  ByteArena arena;
  for (int i = 0; i < 10; ++i) arena.allocate(kMebibyte / 4);
  arena.reset();
  const std::size_t kept = arena.kept_bytes();
  for (int i = 0; i < 10; ++i) arena.allocate(kMebibyte / 4);
  EXPECT_EQ(arena.kept_bytes(), kept);
}

}  // namespace
}  // namespace cdclake::debezium
