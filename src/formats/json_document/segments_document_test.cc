#include "formats/json_document/segments_document.h"

#include <gtest/gtest.h>

#include "formats/json_document/bronze_run_document.h"

namespace cdclake::json_document {
namespace {

TEST(SegmentsDocumentTest, ReadsBackWhatItWrote) {
  const std::vector<model::Segment> segments = {
      {.partition = {"shop.public.\"ü\"", "recorded:1", 3},
       .range = {0, 10},
       .record_count = 9,
       .checksum = hash128("a")},
      {.partition = {"t", "x", 0}, .range = {5, 6}, .record_count = 1, .checksum = {}}};
  const auto back = parse_segments(to_json_text(segments));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, segments);
}

TEST(SegmentsDocumentTest, RefusesWhatIsNone) {
  for (const char* text : {"", "{}", "[1]", R"([{"topic":"t"}])"}) {
    EXPECT_FALSE(parse_segments(text).has_value()) << text;
  }
}

TEST(BronzeRunDocumentTest, ReadsBackWhatItWrote) {
  for (const BronzeRunDetails& details :
       {BronzeRunDetails{.kafka_group_id = "g\"", .error = std::nullopt},
        BronzeRunDetails{.kafka_group_id = "", .error = "disk full"}}) {
    const auto back = parse_bronze_run_details(to_json_text(details));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, details);
  }
  EXPECT_FALSE(parse_bronze_run_details("[]").has_value());
}

}  // namespace
}  // namespace cdclake::json_document
