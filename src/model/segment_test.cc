#include "model/segment.h"

#include <gtest/gtest.h>

#include <array>

namespace cdclake::model {
namespace {

RawRecord record_of(std::optional<std::string_view> key, std::optional<std::string_view> value) {
  RawRecord record;
  record.offset = 7;
  record.key = key;
  record.value = value;
  return record;
}

TEST(RecordHasherTest, TellsNullFromEmpty) {
  RecordHasher hash;
  EXPECT_NE(hash(record_of("k", std::nullopt)), hash(record_of("k", "")));
  EXPECT_NE(hash(record_of(std::nullopt, "v")), hash(record_of("", "v")));
}

TEST(RecordHasherTest, TellsWhereKeyEndsAndValueBegins) {
  RecordHasher hash;
  EXPECT_NE(hash(record_of("ab", "c")), hash(record_of("a", "bc")));
}

TEST(RecordHasherTest, CoversOffsetTimeAndHeadersInOrder) {
  RecordHasher hash;
  const std::array<Header, 2> headers{Header{"a", "1"}, Header{"b", std::nullopt}};
  const std::array<Header, 2> swapped{headers[1], headers[0]};
  RawRecord record = record_of("k", "v");
  const Hash128 plain = hash(record);
  record.headers = headers;
  const Hash128 with_headers = hash(record);
  record.headers = swapped;
  EXPECT_NE(plain, with_headers);
  EXPECT_NE(hash(record), with_headers);
  record.headers = {};
  record.timestamp_ms = 5;
  EXPECT_NE(hash(record), plain);
  record.timestamp_ms = -1;
  record.offset = 8;
  EXPECT_NE(hash(record), plain);
}

TEST(RecordHasherTest, KeepsTheHashOfARecordForEver) {
  RecordHasher hash;
  EXPECT_EQ(hash(record_of("key", "value")).to_hex(), "4bd795df1621b44e1b7a2893ec3727b6");
}

}  // namespace
}  // namespace cdclake::model
