#include "formats/json_document/connector_document.h"

#include <gtest/gtest.h>

namespace cdclake::json_document {
namespace {

using Properties = std::map<std::string, std::string>;

TEST(ConnectorDocumentTest, ReadsAFlatObjectAndConnectsAnswer) {
  const Properties expected{{"decimal.handling.mode", "string"}, {"tasks.max", "1"}};
  EXPECT_EQ(parse_connector_config(R"({"decimal.handling.mode":"string","tasks.max":"1"})"),
            expected);
  EXPECT_EQ(
      parse_connector_config(
          R"({"name":"c","config":{"decimal.handling.mode":"string","tasks.max":1},"tasks":[]})"),
      expected);
}

TEST(ConnectorDocumentTest, TakesNumbersAndBooleansAsText) {
  EXPECT_EQ(parse_connector_config(R"({"a":true,"b":12,"c":null})"),
            (Properties{{"a", "true"}, {"b", "12"}}));
}

TEST(ConnectorDocumentTest, RefusesWhatIsNoConfiguration) {
  for (const char* text : {"", "[]", "{\"a\":[1]}", "\"x\"", "{\"a\":"}) {
    const auto properties = parse_connector_config(text);
    ASSERT_FALSE(properties) << text;
    EXPECT_EQ(properties.error().kind, ErrorKind::kInvalidConfig);
  }
}

}  // namespace
}  // namespace cdclake::json_document
