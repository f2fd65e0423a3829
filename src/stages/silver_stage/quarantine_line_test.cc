#include "stages/silver_stage/quarantine_line.h"

#include <gtest/gtest.h>

#include <array>

namespace cdclake::silver_stage {
namespace {

const model::PartitionId kPartition{"shop.public.users", "recorded:1", 3};

std::string line_of(model::RawRecord record, std::string_view detail = "at byte 7") {
  record.partition = &kPartition;
  record.offset = 42;
  std::string line;
  append_quarantine_line(record, "JSON_PARSE", detail, WallTime{}, line);
  return line;
}

TEST(QuarantineLineTest, SaysWhyWhereAndWhat) {
  const std::array<model::Header, 2> headers{model::Header{"a", "1"},
                                             model::Header{"b", std::nullopt}};
  model::RawRecord record;
  record.timestamp_ms = 5;
  record.timestamp_type = model::TimestampType::kCreate;
  record.key = R"({"id":1})";
  record.value = "{\"op\"";
  record.headers = headers;
  EXPECT_EQ(line_of(record),
            R"({"reason":"JSON_PARSE","error":"JSON_PARSE","detail":"at byte 7",)"
            R"("topic":"shop.public.users","incarnation":"recorded:1","partition":3,"offset":42,)"
            R"("timestamp_ms":5,"key":"{\"id\":1}","value":"{\"op\"",)"
            R"("headers":[{"key":"a","value":"1"},{"key":"b","value":null}],)"
            R"("quarantined_at":"1970-01-01T00:00:00.000000Z"})"
            "\n");
}

TEST(QuarantineLineTest, TellsNullFromEmpty) {
  model::RawRecord record;
  record.value = "";
  const std::string line = line_of(record);
  EXPECT_NE(line.find(R"("timestamp_ms":null,"key":null,"value":"",)"), std::string::npos) << line;
}

TEST(QuarantineLineTest, GivesBytesThatAreNoTextInBase64) {
  for (const std::string_view bytes :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xc3", "\x80"}) {
    model::RawRecord record;
    record.value = bytes;
    EXPECT_NE(line_of(record).find("\"value_base64\":"), std::string::npos);
  }
  model::RawRecord record;
  record.value = "\xff";
  EXPECT_NE(line_of(record).find(R"("value_base64":"/w==")"), std::string::npos);
}

TEST(QuarantineLineTest, StaysOneLineOfJsonWhateverTheText) {
  model::RawRecord record;
  record.value = std::string_view("a\n\t\"\\\0\x1f\x7f\xe2\x80\xa8\xf0\x9f\x98\x80", 15);
  const std::string line = line_of(record, "\xff");
  EXPECT_NE(
      line.find("\"value\":\"a\\n\\t\\\"\\\\\\u0000\\u001f\\u007f\xe2\x80\xa8\xf0\x9f\x98\x80\""),
      std::string::npos)
      << line;
  EXPECT_NE(line.find("(not valid UTF-8)"), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace cdclake::silver_stage
