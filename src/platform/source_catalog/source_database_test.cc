#include "platform/source_catalog/source_database.h"

#include <gtest/gtest.h>

#include <thread>

#include "platform/source_catalog/catalog_query.h"
#include "platform/source_catalog/silent_server.h"

namespace cdclake::source_catalog {
namespace {

SourceDatabaseConfig nowhere() {
  return {.host = "/nonexistent-socket-folder",
          .name = "shop",
          .user = "reader",
          .password = "hunter2"};
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
  for (const auto* here : {"/run/postgresql", "localhost", "127.0.0.1", "::1"}) {
    EXPECT_EQ(config.effective_sslmode(here), "prefer") << here;
  }
  for (const auto* elsewhere : {"db.example.com", "127.example.com"}) {
    EXPECT_EQ(config.effective_sslmode(elsewhere), "verify-full") << elsewhere;
  }
  config.sslmode = "disable";
  EXPECT_EQ(config.effective_sslmode("db.example.com"), "disable");
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

TEST(SourceDatabaseTest, WaitsNoLongerForManySilentHostsThanForOne) {
  const SilentServer server;
  SourceDatabaseConfig config = nowhere();
  config.host = "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4";
  config.port = server.port();
  config.wait_max = std::chrono::milliseconds(200);
  const auto begun = std::chrono::steady_clock::now();
  const auto catalog = read_source_catalog(config);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().kind, ErrorKind::kUnavailable);
  const std::string& message = catalog.error().message;
  EXPECT_NE(message.find("127.0.0.1: no answer within"), std::string::npos) << message;
  EXPECT_NE(message.find("127.0.0.4: no answer within"), std::string::npos) << message;
}

TEST(SourceDatabaseTest, EndsItsWaitWhenItIsStopped) {
  const SilentServer server;
  SourceDatabaseConfig config = nowhere();
  config.host = "127.0.0.1";
  config.port = server.port();
  config.wait_max = std::chrono::minutes(5);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto catalog = read_source_catalog(config, stop.get_token());
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().kind, ErrorKind::kCancelled);
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
