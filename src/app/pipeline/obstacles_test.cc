#include "app/pipeline/obstacles.h"

#include <gtest/gtest.h>

namespace cdclake::pipeline {
namespace {

using Lines = std::vector<std::string>;

model::TableId id_of(const std::string& table) {
  return {.source = "shop", .database = "shop", .schema = "public", .table = table};
}

metadata::StageWait wait_of(const std::string& table, std::int32_t partition) {
  return {{"shop." + table, "1", partition}, 7, id_of(table), "no types"};
}

TEST(ObstaclesTest, SaysOneLineATableHoweverManyPartitionsWait) {
  metadata::Table users;
  users.id = id_of("users");
  users.state = metadata::TableState::kRefused;
  users.reason = "no types";
  EXPECT_EQ(describe_obstacles({users}, {wait_of("users", 0), wait_of("users", 1)}),
            Lines{"public.users is REFUSED: no types (2 partitions wait, the first at shop.users/0 "
                  "offset 7)"});
}

TEST(ObstaclesTest, SaysWhatWaitsForATableThatIsNotRefused) {
  metadata::Table orders;
  orders.id = id_of("orders");
  EXPECT_EQ(describe_obstacles({orders}, {wait_of("orders", 3)}),
            Lines{"public.orders WAITS: no types (1 partition waits, at shop.orders/3 offset 7)"});
  EXPECT_EQ(describe_obstacles({orders}, {}), Lines{});
}

TEST(ObstaclesTest, NamesThePartitionOfRecordsThatNameNoTable) {
  EXPECT_EQ(
      describe_obstacles({}, {{{"shop.users", "1", 2}, 7, {}, "2 tombstones wait"}}),
      Lines{"shop.users/2 WAITS: 2 tombstones wait (1 partition waits, at shop.users/2 offset "
            "7)"});
}

}  // namespace
}  // namespace cdclake::pipeline
