#include "formats/json_document/outside_schema_document.h"

#include <gtest/gtest.h>

#include "formats/json_document/table_schema_document.h"

namespace cdclake::json_document {
namespace {

std::string document(const std::string& holds_from) {
  const auto schema = model::make_table_schema({"shop", "db", "public", "users"},
                                               {{"id", {.kind = model::TypeKind::kInt32}}}, {0});
  return "{\"schema\":" + to_json_text(*schema) +
         ",\n\"connector\":{\"decimal.handling.mode\":\"string\"},\n\"catalog\":[{\"schema\":"
         "\"public\",\"table\":\"users\",\"primary_key\":[\"id\"],\"columns\":[{\"name\":\"id\","
         "\"type\":\"integer\",\"notnull\":true}]}],\n\"holds_from\":" +
         holds_from + "}\n";
}

TEST(OutsideSchemaDocumentTest, SaysTheTypesTheSettingsAndFromWhereTheyHold) {
  const auto read = parse_outside_schema(document(R"({"topic":"t","offset":7})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema->table.table, "users");
  EXPECT_EQ(read->connector.at("decimal.handling.mode"), "string");
  EXPECT_TRUE(read->catalog.tables.contains({"public", "users"}));
  EXPECT_EQ(read->holds_from, 7);
}

TEST(OutsideSchemaDocumentTest, RefusesWhatIsNone) {
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string("{}"),
                                  document("null"), document(R"({"offset":"7"})")}) {
    const auto read = parse_outside_schema(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorrupt);
  }
}

}  // namespace
}  // namespace cdclake::json_document
