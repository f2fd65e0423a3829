#include "formats/json_document/table_schema_document.h"

#include <gtest/gtest.h>

namespace cdclake::json_document {
namespace {

using model::ColumnType;
using model::TypeKind;

model::TableSchemaPtr every_kind() {
  std::vector<model::Column> columns;
  for (int kind = 0; kind < static_cast<int>(TypeKind::kArray); ++kind) {
    ColumnType type{.kind = static_cast<TypeKind>(kind)};
    if (type.kind == TypeKind::kDecimal) {
      type.precision = 76;
      type.scale = 20;
    }
    columns.push_back({"c" + std::to_string(kind), type});
    columns.push_back(
        {"a \"é\" " + std::to_string(kind), {.kind = TypeKind::kArray, .element = {type}}});
  }
  return model::make_table_schema({"src", "db", "s", "t"}, std::move(columns), {4, 0});
}

TEST(TableSchemaDocumentTest, ReadsBackEqualWhatItWroteOfEveryType) {
  const auto schema = every_kind();
  const auto again = parse_table_schema(to_json_text(*schema));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->id, schema->id);
  EXPECT_EQ((*again)->table, schema->table);
  EXPECT_EQ((*again)->columns, schema->columns);
  EXPECT_EQ((*again)->key_columns, schema->key_columns);
}

TEST(TableSchemaDocumentTest, IsOneLine) {
  const auto schema = model::make_table_schema({"src", "db", "public", "users"},
                                               {{"id", {.kind = TypeKind::kInt32}}}, {0});
  EXPECT_EQ(to_json_text(*schema),
            R"({"id":")" + schema->id.value +
                R"(","table":{"source":"src","database":"db","schema":"public","table":"users"},)"
                R"("columns":[{"name":"id","type":"int32"}],"key":["id"]})");
}

TEST(TableSchemaDocumentTest, RefusesATypeThatWeDoNotKnow) {
  for (const char* text : {"", "int", "decimal", "decimal(77,2)", "decimal(5,6)", "decimal(5,-1)",
                           "decimal(5,2", "decimal(5)", "array()", "array(array(text))", "text "}) {
    EXPECT_FALSE(parse_column_type(text)) << text;
  }
}

TEST(TableSchemaDocumentTest, RefusesASchemaWhoseIdDoesNotFit) {
  std::string text = to_json_text(*every_kind());
  text.replace(text.find("\"src\""), 5, "\"SRC\"");
  const auto schema = parse_table_schema(text);
  ASSERT_FALSE(schema);
  EXPECT_EQ(schema.error().kind, ErrorKind::kCorrupt);
}

TEST(TableSchemaDocumentTest, RefusesWhatIsNoSchema) {
  for (const char* text :
       {"", "[]", "{}", R"({"table":3})", R"({"table":{},"columns":[],"key":[]})"}) {
    EXPECT_FALSE(parse_table_schema(text)) << text;
  }
}

}  // namespace
}  // namespace cdclake::json_document
