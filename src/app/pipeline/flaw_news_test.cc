#include "app/pipeline/flaw_news.h"

#include <gtest/gtest.h>

namespace cdclake::pipeline {
namespace {

metadata::Table users() {
  metadata::Table table;
  table.key = 1;
  table.id = {.source = "shop", .database = "shop", .schema = "public", .table = "users"};
  return table;
}

metadata::Flaw flaw(std::int64_t offset, const std::string& cause) {
  return {1, model::PartitionId{"shop.users", "1", 0}, offset, cause, "UNKNOWN_COLUMN: surprise"};
}

TEST(FlawNewsTest, SaysOnceThatATableBecameInexactAndWhatMendsIt) {
  FlawNews news;
  const auto lines = news.take({flaw(17, "QUARANTINED"), flaw(19, "QUARANTINED")}, {users()});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front(),
            "public.users is INEXACT from shop.users/0 offset 17: QUARANTINED, UNKNOWN_COLUMN: "
            "surprise (and 1 more); mend the cause, then read the topics again into a new lake");
  EXPECT_TRUE(news.take({flaw(17, "QUARANTINED"), flaw(20, "QUARANTINED")}, {users()}).empty());
}

TEST(FlawNewsTest, SaysAnotherCauseOfTheSameTable) {
  FlawNews news;
  EXPECT_EQ(news.take({flaw(17, "QUARANTINED")}, {users()}).size(), 1U);
  const auto lines = news.take({flaw(17, "QUARANTINED"), flaw(18, "GAP")}, {users()});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().find("GAP"), std::string::npos);
}

}  // namespace
}  // namespace cdclake::pipeline
