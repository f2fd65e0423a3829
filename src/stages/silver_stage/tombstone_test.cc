#include <gmock/gmock.h>

#include "stages/silver_stage/stage_workbench.h"

/// Which table a record with a null value belongs to.
namespace cdclake::silver_stage {
namespace {

using testing::FakeRecord;

constexpr const char* kTwoTables = R"([
  {"schema":"public","table":"users","replica_identity":"d","primary_key":["id"],
   "columns":[{"name":"id","type":"integer","notnull":true},{"name":"name","type":"text"}]},
  {"schema":"public","table":"orders","replica_identity":"d","primary_key":["id"],
   "columns":[{"name":"id","type":"integer","notnull":true},{"name":"name","type":"text"}]}])";

FakeRecord tombstone(std::int64_t offset, std::optional<std::string> key = R"({"id":1})") {
  return {.offset = offset, .key = std::move(key), .value = std::nullopt};
}
FakeRecord change(std::int64_t offset, const Event& event = {}) {
  return {.offset = offset, .value = json_of(event)};
}
FakeRecord deletion(std::int64_t offset, const std::string& table) {
  Event event{.op = "d", .after = "null", .table = table};
  std::string json = json_of(event);
  json.replace(json.find("\"before\":null"), 13, R"("before":{"id":1,"name":null})");
  return {.offset = offset, .value = json};
}

TEST(TombstoneTest, DeletesItsKeyInTheTopicsOnlyTable) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0), tombstone(1)});
  bench.stage();
  const auto rows = bench.rows("public.users");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].at("_op"), "tombstone");
  EXPECT_EQ(rows[1].at("id"), "1");
  EXPECT_EQ(rows[1].at("name"), "null");
  EXPECT_EQ(rows[1].at("_commit_ts"), "null");
  EXPECT_THAT(rows[1].at("_file"), ::testing::HasSubstr("event_date=2025-11-24"))
      << "the date of the record, since it has no commit";
}

TEST(TombstoneTest, FindsTheTopicsTableOfAnEarlierRun) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0)});
  bench.stage();
  bench.land({tombstone(1)});
  EXPECT_EQ(bench.stage().counts.rows, 1);
}

TEST(TombstoneTest, FollowsTheDeleteBeforeItWhereTablesShareATopic) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0), change(1, {.table = "orders"}), deletion(2, "orders"), tombstone(3),
              deletion(4, "users"), tombstone(5)});
  EXPECT_EQ(bench.stage().counts.rows, 6);
  EXPECT_EQ(bench.rows("public.orders").size(), 3U);
  EXPECT_EQ(bench.rows("public.users").size(), 3U);
}

TEST(TombstoneTest, FollowsTheDeleteOfTheRunBeforeAfterARestart) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0), change(1, {.table = "orders"}), deletion(2, "orders")});
  bench.stage();
  bench.land({tombstone(3)});
  EXPECT_EQ(bench.stage().counts.rows, 1);
  EXPECT_EQ(bench.rows("public.orders").size(), 3U);
}

TEST(TombstoneTest, IsQuarantinedWhereNothingSaysWhichTableItMeans) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0), change(1, {.table = "orders"}), deletion(2, "orders"),
              tombstone(3, R"({"id":2})"), change(4), tombstone(5)});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.quarantined, (Counts{{"TOMBSTONE_NO_TABLE", 2}}));
  EXPECT_EQ(bench.quarantine("_unknown").size(), 2U);
  bench.expect_all_counted();
}

TEST(TombstoneTest, MayComeBeforeTheFirstChangeOfItsTable) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0), tombstone(1), change(2), tombstone(3)});
  EXPECT_EQ(bench.stage().counts.rows, 4);
}

TEST(TombstoneTest, BelongsToTheFirstChangeAfterItWhereNoneCameBefore) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0), change(1), change(2, {.table = "orders"})});
  EXPECT_EQ(bench.stage().counts.rows, 3);
  EXPECT_EQ(bench.rows("public.users").size(), 2U);
}

TEST(TombstoneTest, WaitsForTheFirstChangeOfItsTopic) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0), {.offset = 1, .value = R"({"ts_ms":1})"}, tombstone(2)});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.records(), 0);
  ASSERT_EQ(report.waits.size(), 1U);
  EXPECT_EQ(report.waits.front().offset, 0);
  EXPECT_THAT(report.waits.front().need, ::testing::HasSubstr("2 tombstones wait"));
  EXPECT_FALSE(bench.stage().committed) << "a wait that is known is not recorded again";
}

TEST(TombstoneTest, IsQuarantinedWhereTheFirstChangeNamesNoTable) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0), tombstone(1), {.offset = 2, .value = "not JSON"}});
  const StageReport report = bench.stage();
  EXPECT_THAT(report.waits, ::testing::IsEmpty());
  EXPECT_EQ(report.counts.quarantined, (Counts{{"JSON_PARSE", 1}, {"TOMBSTONE_NO_TABLE", 2}}));
  bench.land({tombstone(3)});
  EXPECT_EQ(bench.stage().counts.quarantined, (Counts{{"TOMBSTONE_NO_TABLE", 1}}));
  bench.expect_all_counted();
}

TEST(TombstoneTest, BelongsToTheTableThatARejectedChangeNames) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  FakeRecord elsewhere = change(0);
  elsewhere.topic = "shop.public.a";
  bench.land({elsewhere, tombstone(0), change(1, {.after = R"({"id":"a","name":"a"})"})});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.quarantined, (Counts{{"VALUE_TYPE", 1}}));
  EXPECT_EQ(bench.rows("public.users").size(), 2U);
}

TEST(TombstoneTest, MarksATableThatOnlyARejectedChangeNames) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0), change(1, {.after = R"({"id":"a","name":"a"})"})});
  EXPECT_EQ(bench.stage().counts.quarantined,
            (Counts{{"TOMBSTONE_NO_TABLE", 1}, {"VALUE_TYPE", 1}}));
  EXPECT_EQ(bench.quarantine("_unknown").size(), 1U);
  EXPECT_EQ(bench.store().flaws()->size(), 2U) << "both are of the table";
}

TEST(TombstoneTest, IsLookedAheadForNoLongerThanUntilAStop) {
  StageWorkbench bench;
  bench.use_limits({.records_max = 1});
  std::stop_source stop;
  bench.on_progress([&](const StageProgress&) { stop.request_stop(); });
  FakeRecord other = tombstone(0);
  other.partition = 1;
  bench.land(
      {{.offset = 0, .value = "not JSON"}, other, {.partition = 1, .offset = 1, .value = ""}});
  EXPECT_EQ(bench.stage(stop.get_token()).counts.records(), 1);
  bench.on_progress({});
  EXPECT_EQ(bench.stage().counts.records(), 2);
}

TEST(TombstoneTest, IsJudgedWhenItsTopicsTableBecomesKnownInAnotherPartition) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({tombstone(0)});
  bench.stage();
  bench.land({{.partition = 1, .value = json_of({})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_THAT(report.waits, ::testing::IsEmpty());
}

TEST(TombstoneTest, IsFoundATableHoweverManyComeBeforeTheFirstChange) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  std::vector<FakeRecord> records;
  for (std::int64_t offset = 0; offset < 5000; ++offset) records.push_back(tombstone(offset));
  bench.land(records);
  const auto stage = bench.open_stage();
  EXPECT_EQ(stage->run_once({})->waits.size(), 1U);
  bench.land({change(5000)});
  EXPECT_EQ(stage->run_once({})->counts.rows, 5001);
}

TEST(TombstoneTest, WaitsForTheTypesOfTheFirstChangeAfterIt) {
  StageWorkbench bench;
  bench.use_types("[]");
  bench.land({tombstone(0), change(1)});
  const StageReport report = bench.stage();
  ASSERT_EQ(report.waits.size(), 1U);
  EXPECT_EQ(report.waits.front().table.table, "users");
  EXPECT_THAT(report.waits.front().need, ::testing::HasSubstr("--catalog"));
  bench.use_types(kTwoTables);
  EXPECT_EQ(bench.stage().counts.rows, 2);
}

void expect_the_same_wherever_it_is_cut(const std::vector<FakeRecord>& records) {
  StageWorkbench whole;
  whole.use_types(kTwoTables);
  whole.land(records);
  whole.stage();
  for (auto cut = records.begin() + 1; cut != records.end(); ++cut) {
    StageWorkbench bench;
    bench.use_types(kTwoTables);
    bench.land({records.begin(), cut});
    bench.stage();
    bench.land({cut, records.end()});
    bench.stage();
    for (const std::string table : {"public.users", "public.orders"}) {
      EXPECT_EQ(bench.rows(table).size(), whole.rows(table).size())
          << table << ", cut before offset " << cut->offset;
    }
    EXPECT_EQ(bench.quarantine("_unknown").size(), whole.quarantine("_unknown").size());
    bench.expect_all_counted();
  }
}

TEST(TombstoneTest, IsTheSameRowWhereverTheInputIsCut) {
  expect_the_same_wherever_it_is_cut({tombstone(0), change(1), tombstone(2),
                                      change(3, {.table = "orders"}), deletion(4, "orders"),
                                      tombstone(5), tombstone(6)});
}

TEST(TombstoneTest, IsQuarantinedOrNotAlikeWhereverTheInputIsCut) {
  const FakeRecord heartbeat{.offset = 1, .value = R"({"ts_ms":1})"};
  const FakeRecord unreadable{.offset = 2, .value = "not JSON"};
  expect_the_same_wherever_it_is_cut(
      {tombstone(0), heartbeat, unreadable, tombstone(3), change(4), tombstone(5)});
  expect_the_same_wherever_it_is_cut({tombstone(0), heartbeat, change(2), tombstone(3)});
}

TEST(TombstoneTest, IsQuarantinedWithoutKey) {
  StageWorkbench bench;
  bench.use_types(kTwoTables);
  bench.land({change(0), tombstone(1, std::nullopt)});
  EXPECT_EQ(bench.stage().counts.quarantined, (Counts{{"KEY_MISSING", 1}}));
}

}  // namespace
}  // namespace cdclake::silver_stage
