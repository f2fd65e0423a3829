#include "platform/source_catalog/source_database.h"

#include <gtest/gtest.h>

#include "platform/source_catalog/catalog_query.h"

namespace cdclake::source_catalog {
namespace {

SourceDatabaseConfig nowhere() {
  return {.host = "/nonexistent-socket-folder",
          .name = "shop",
          .user = "reader",
          .password = "hunter2",
          .connect_wait_max = std::chrono::seconds(2)};
}

TEST(SourceDatabaseTest, NamesWhatIsMissing) {
  SourceDatabaseConfig config = nowhere();
  config.user.clear();
  ASSERT_FALSE(config.validate());
  EXPECT_EQ(config.validate().error().message, "SOURCE_DB_USER must be set");
  config = nowhere();
  config.sslmode = "maybe";
  ASSERT_FALSE(config.validate());
  EXPECT_EQ(config.validate().error().kind, ErrorKind::kInvalidConfig);
}

TEST(SourceDatabaseTest, VerifiesTheServerUnlessItIsThisMachine) {
  SourceDatabaseConfig config = nowhere();
  EXPECT_EQ(config.effective_sslmode(), "prefer");
  config.host = "db.example.com";
  EXPECT_EQ(config.effective_sslmode(), "verify-full");
  config.sslmode = "disable";
  EXPECT_EQ(config.effective_sslmode(), "disable");
}

TEST(SourceDatabaseTest, SaysWhereAndWhyWithoutThePassword) {
  const auto catalog = read_source_catalog(nowhere());
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().kind, ErrorKind::kUnavailable);
  const std::string& message = catalog.error().message;
  EXPECT_EQ(message.find_first_of("\t\n"), std::string::npos) << message;
  EXPECT_NE(message.find("database shop on /nonexistent-socket-folder:5432 as reader"),
            std::string::npos)
      << message;
  EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
}

TEST(SourceDatabaseTest, OrdersTheKeyAsItsIndexDoes) {
  CatalogRow row{.schema = "s",
                 .table = "t",
                 .replica_identity = "f",
                 .column = "b",
                 .type = "text",
                 .base_type = "",
                 .not_null = true,
                 .key_position = 2};
  std::vector<CatalogRow> rows{row};
  row.column = "a";
  row.key_position = 1;
  rows.push_back(row);
  const auto catalog = catalog_of(rows);
  const model::CatalogTable& table = catalog.tables.at({"s", "t"});
  EXPECT_EQ(table.primary_key, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.columns.front().name, "b");
  EXPECT_EQ(table.replica_identity, model::ReplicaIdentity::kFull);
}

}  // namespace
}  // namespace cdclake::source_catalog
