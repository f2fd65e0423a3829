#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "app/cli/command_line.h"
#include "formats/json_document/catalog_document.h"
#include "platform/source_catalog/throwaway_postgres.h"
#include "testing/temp_folder.h"

namespace cdclake::cli {
namespace {

constexpr const char* kTables = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN amount AS numeric(8,3);
CREATE SCHEMA "we ird";
CREATE TABLE users(id bigserial PRIMARY KEY, name text DEFAULT 'a "b" é', sum amount NOT NULL,
                   twice numeric GENERATED ALWAYS AS (sum * 2) STORED);
CREATE TABLE "we ird"."T.""x"(m mood, ms mood[], body text);
ALTER TABLE "we ird"."T.""x" REPLICA IDENTITY FULL;
ALTER TABLE "we ird"."T.""x" ALTER body SET STORAGE EXTERNAL;
)sql";

/// A database with two tables, and commands that are told where it is.
struct Source {
  Source() : trouble(postgres.trouble().empty() ? postgres.run(kTables) : postgres.trouble()) {}

  std::string call(std::vector<std::string> words) const {
    const auto config = postgres.config();
    const std::map<std::string, std::string> environment{{"SOURCE_DB_HOST", config.host},
                                                         {"SOURCE_DB_NAME", config.name},
                                                         {"SOURCE_DB_USER", config.user}};
    std::string out;
    std::string err;
    const Speech speech{.out = [&](std::string_view text) { out += text; },
                        .err = [&](std::string_view text) { err += text; }};
    EXPECT_EQ(run_command_line(words, environment, speech), ExitCode::kDone) << err;
    return out;
  }

  source_catalog::ThrowawayPostgres postgres;
  std::string trouble;
};

std::string text_of(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(CatalogExportPostgresTest, WritesAFileThatIsReadBackEqual) {
  const Source source;
  ASSERT_EQ(source.trouble, "");
  const testing::TempFolder folder;
  const std::string file = folder / "catalog.json";
  EXPECT_EQ(source.call({"catalog", "export", "--output", file}), "");
  EXPECT_EQ(text_of(file), source.call({"catalog", "export"}));

  const auto read = json_document::parse_catalog(text_of(file));
  ASSERT_TRUE(read) << read.error().message;
  const auto stored = source_catalog::read_source_catalog(source.postgres.config());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->tables.size(), 2U);
  EXPECT_EQ(*read, *stored);
  source.call({"config", "check", "--catalog", file, "--input", file});
}

}  // namespace
}  // namespace cdclake::cli
