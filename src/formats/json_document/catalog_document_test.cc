#include "formats/json_document/catalog_document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace cdclake::json_document {
namespace {

std::string text_of(const std::string& path) {
  const char* root = std::getenv("CDCLAKE_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CatalogDocumentTest, ReadsTheCatalogOfARecording) {
  const auto catalog = parse_catalog(text_of("tests/corpus/c_pkmove/catalog.json"));
  ASSERT_TRUE(catalog) << catalog.error().message;
  const model::CatalogTable& comp = catalog->tables.at({"public", "comp"});
  EXPECT_EQ(comp.primary_key, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(comp.columns.size(), 4U);
  EXPECT_EQ(comp.columns[0].name, "b");
  EXPECT_EQ(comp.columns[2].type, "uuid");
  EXPECT_TRUE(comp.columns[0].not_null);
  EXPECT_FALSE(comp.columns[3].not_null);
  EXPECT_EQ(comp.columns[2].storage, "p");
  EXPECT_EQ(catalog->tables.at({"public", "pf"}).replica_identity, model::ReplicaIdentity::kFull);
}

TEST(CatalogDocumentTest, ReadsBackEqualWhatItWrote) {
  model::SourceCatalog catalog;
  model::CatalogTable table{.schema = "s", .table = "a\"b.c é", .primary_key = {"k"}};
  table.columns = {{.name = "k", .type = "integer", .not_null = true, .storage = "p"},
                   {.name = "mood", .type = "mood", .base_type = "text"},
                   {.name = "sum",
                    .type = "numeric(10,2)",
                    .default_expression = "(k * 2)",
                    .generated = true,
                    .storage = "m"}};
  catalog.tables.emplace(std::pair{table.schema, table.table}, table);
  const auto again = parse_catalog(to_json_text(catalog));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, catalog);
}

TEST(CatalogDocumentTest, NamesWhatIsWrong) {
  const auto message_of = [](std::string_view text) {
    const auto catalog = parse_catalog(text);
    return catalog ? std::string("no error") : catalog.error().message;
  };
  EXPECT_EQ(message_of("{"), "cannot read the source catalog: it is not JSON");
  EXPECT_EQ(message_of("{}"), "cannot read the source catalog: it is not an array of tables");
  EXPECT_EQ(
      message_of(R"([{"schema":"s","table":"t","columns":[{"name":"a"}]}])"),
      "cannot read the source catalog: s.t, column a: \"type\" must be a text that is not empty");
  EXPECT_EQ(
      message_of(R"([{"schema":"s","table":"t","primary_key":["x"],"columns":[]}])"),
      "cannot read the source catalog: s.t: \"primary_key\" names something that is no column");
  EXPECT_EQ(message_of(R"([{"schema":"s","table":"t","columns":[]},)"
                       R"({"schema":"s","table":"t","columns":[]}])"),
            "cannot read the source catalog: s.t is listed twice");
}

}  // namespace
}  // namespace cdclake::json_document
