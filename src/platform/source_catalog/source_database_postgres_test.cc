#include <gtest/gtest.h>

#include "platform/source_catalog/silent_server.h"
#include "platform/source_catalog/source_database.h"
#include "platform/source_catalog/throwaway_postgres.h"

namespace cdclake::source_catalog {
namespace {

constexpr const char* kTables = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN amount AS numeric(8,3);
CREATE DOMAIN positive AS amount CHECK (value > 0);
CREATE DOMAIN feeling AS mood;
CREATE DOMAIN numbers AS int[];
CREATE SCHEMA "we ird";
CREATE TABLE plain(b text, a int, n numeric(10,2) NOT NULL DEFAULT 0, t timestamp(3), z timestamptz,
                   gone int, twice int GENERATED ALWAYS AS (a * 2) STORED,
                   PRIMARY KEY (a, b) INCLUDE (n));
ALTER TABLE plain DROP COLUMN gone;
CREATE TABLE "we ird"."T.""x"(m mood, ms mood[], d positive, f feeling, ns numbers, ia int[]);
ALTER TABLE "we ird"."T.""x" REPLICA IDENTITY FULL;
CREATE TABLE parts(id int, v text) PARTITION BY LIST (id);
CREATE TABLE parts_one PARTITION OF parts FOR VALUES IN (1);
CREATE VIEW looks AS SELECT 1;
)sql";

std::vector<std::string> types_of(const model::CatalogTable& table) {
  std::vector<std::string> types;
  for (const auto& column : table.columns) {
    types.push_back(column.name + ":" + column.type +
                    (column.base_type.empty() ? "" : "=" + column.base_type));
  }
  return types;
}

TEST(SourceDatabasePostgresTest, ReadsTablesAsTheyAre) {
  const ThrowawayPostgres postgres;
  ASSERT_EQ(postgres.trouble(), "");
  ASSERT_EQ(postgres.run(kTables), "");
  const auto catalog = read_source_catalog(postgres.config());
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->tables.size(), 4U);

  const model::CatalogTable& plain = catalog->tables.at({"public", "plain"});
  EXPECT_EQ(plain.primary_key, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(plain.replica_identity, model::ReplicaIdentity::kDefault);
  EXPECT_EQ(types_of(plain),
            (std::vector<std::string>{"b:text", "a:integer", "n:numeric(10,2)",
                                      "t:timestamp(3) without time zone",
                                      "z:timestamp with time zone", "twice:integer"}));
  EXPECT_TRUE(plain.columns[2].not_null);
  EXPECT_FALSE(plain.columns[3].not_null);
  EXPECT_TRUE(plain.columns[5].generated);
  EXPECT_EQ(plain.columns[5].default_expression, "(a * 2)");
  EXPECT_EQ(plain.columns[2].default_expression, "0");
  EXPECT_EQ(plain.columns[3].default_expression, std::nullopt);
  EXPECT_EQ(plain.columns[0].storage, "x");
  EXPECT_EQ(plain.columns[1].storage, "p");

  const model::CatalogTable& weird = catalog->tables.at({"we ird", "T.\"x"});
  EXPECT_EQ(weird.replica_identity, model::ReplicaIdentity::kFull);
  EXPECT_TRUE(weird.primary_key.empty());
  EXPECT_EQ(types_of(weird),
            (std::vector<std::string>{"m:public.mood=text", "ms:public.mood[]=text[]",
                                      "d:public.positive=numeric(8,3)", "f:public.feeling=text",
                                      "ns:public.numbers", "ia:integer[]"}));
}

TEST(SourceDatabasePostgresTest, WaitsForNoAnswerThatDoesNotCome) {
  const ThrowawayPostgres postgres;
  ASSERT_EQ(postgres.trouble(), "");
  SourceDatabaseConfig config = postgres.config();
  config.wait_max = std::chrono::milliseconds(0);
  const auto catalog = read_source_catalog(config);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(catalog.error().message.find("no answer within 0 ms"), std::string::npos)
      << catalog.error().message;
}

TEST(SourceDatabasePostgresTest, TakesTheFirstHostThatAnswers) {
  const ThrowawayPostgres postgres;
  ASSERT_EQ(postgres.trouble(), "");
  const SilentServer server;
  SourceDatabaseConfig config = postgres.config();
  config.host = "/nonexistent-socket-folder,127.0.0.1," + config.host;
  config.wait_max = std::chrono::milliseconds(2'000);
  EXPECT_TRUE(read_source_catalog(config));
}

TEST(SourceDatabasePostgresTest, SaysWhatTheServerSaid) {
  const ThrowawayPostgres postgres;
  ASSERT_EQ(postgres.trouble(), "");
  SourceDatabaseConfig config = postgres.config();
  config.name = "no_such_database";
  const auto catalog = read_source_catalog(config);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(catalog.error().message.find("does not exist"), std::string::npos)
      << catalog.error().message;
}

}  // namespace
}  // namespace cdclake::source_catalog
