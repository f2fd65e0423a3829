#include "app/pipeline/lake_status.h"

#include <gtest/gtest.h>

namespace cdclake::pipeline {
namespace {

LakeStatus lake_with_flaws(std::size_t count) {
  TableStatus table;
  table.table.id = {.source = "shop", .database = "shop", .schema = "public", .table = "users"};
  table.table.state = metadata::TableState::kActive;
  metadata::Flaw flaw;
  flaw.cause = "QUARANTINED";
  table.flaws.assign(count, flaw);
  LakeStatus status;
  status.tables.push_back(table);
  return status;
}

TEST(LakeStatusTest, NamesEachFlawOfATable) {
  const auto lines = complaints(lake_with_flaws(10));
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_EQ(lines.front(), "public.users is INEXACT: QUARANTINED");
}

TEST(LakeStatusTest, KnowsTheLagWhereTheSourceHasAnEnd) {
  PartitionStatus partition;
  partition.bronze_next = 7;
  EXPECT_FALSE(partition.lag().has_value());
  partition.end = model::PartitionEnd{.partition = {}, .next_offset = 10, .seen_us = 0};
  EXPECT_EQ(partition.lag(), 3);
  partition.end->next_offset = 5;
  EXPECT_EQ(partition.lag(), 0) << "asked before the last records came";
}

TEST(LakeStatusTest, CountsWhatIsTooManyToName) {
  const auto lines = complaints(lake_with_flaws(3'000));
  ASSERT_EQ(lines.size(), 11U);
  EXPECT_EQ(lines.back(),
            "public.users is INEXACT for 2990 more reasons: `cdclake status --json` lists them");
}

TEST(LakeStatusTest, IsNotCompleteWhereATopicCannotBeReadAtAll) {
  LakeStatus status;
  PartitionStatus partition;
  partition.counts.partition = {.topic = "shop.avro", .incarnation = "1", .partition = 2};
  partition.counts.quarantined = 7;
  status.partitions.push_back(partition);
  EXPECT_FALSE(status.is_complete());
  ASSERT_EQ(complaints(status).size(), 1U);
  EXPECT_EQ(complaints(status).front().substr(0, 21), "shop.avro/2 is UNREAD");

  TableStatus table;
  table.table.state = metadata::TableState::kActive;
  table.table.topics = {"shop.avro"};
  status.tables.push_back(table);
  EXPECT_TRUE(status.is_complete()) << "the flaws of the table tell of them";
}

}  // namespace
}  // namespace cdclake::pipeline
