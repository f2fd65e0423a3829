#include "stages/silver_stage/silver_stage.h"

#include <gmock/gmock.h>

#include <set>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/matchers.h"

namespace cdclake::silver_stage {
namespace {

using ::testing::ElementsAre;
using testing::FailsSaying;
using testing::FakeRecord;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr const char* kNoKey = R"([{"schema":"public","table":"users","replica_identity":"f",
  "primary_key":[],"columns":[{"name":"id","type":"integer"},{"name":"name","type":"text"}]}])";

std::vector<std::string> column(const std::vector<RowText>& rows, const std::string& name) {
  std::vector<std::string> cells;
  for (const RowText& row : rows) cells.push_back(row.at(name));
  return cells;
}

TEST(SilverStageTest, MakesEveryRecordARowARejectOrACount) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land(
      {{.offset = 0, .value = json_of({})},
       {.offset = 1, .value = "{\"op\":"},
       {.topic = "__debezium-heartbeat.shop", .key = std::nullopt, .value = R"({"ts_ms":1})"},
       {.offset = 2, .key = R"({"id":1})", .value = std::nullopt}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_EQ(report.counts.quarantined, (Counts{{"JSON_PARSE", 1}}));
  EXPECT_EQ(report.counts.no_row, (Counts{{"heartbeat", 1}}));
  EXPECT_EQ(report.counts.records(), 4);
  EXPECT_THAT(column(bench.rows("public.users"), "_op"), ElementsAre("c", "tombstone"));
  bench.expect_all_counted();
}

TEST(SilverStageTest, DoesNothingWhereNothingIsNew) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({})}});
  EXPECT_TRUE(bench.stage().committed);
  EXPECT_FALSE(bench.stage().committed);
  EXPECT_EQ(bench.store().runs(100)->size(), 2U) << "of Bronze and of the stage";
  EXPECT_EQ(bench.silver_files("stage_events").size(), 1U);
}

TEST(SilverStageTest, GoesOnWhereItStoodFromRoundToRoundInOneRun) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  const auto stage = bench.open_stage();
  std::set<RunId> runs;
  for (int i = 0; i < 3; ++i) {
    bench.land({{.offset = i, .value = json_of({})}});
    const auto report = stage->run_once({});
    ASSERT_THAT(report, IsOk());
    EXPECT_EQ(report->counts.rows, 1);
    runs.insert(report->run);
  }
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(bench.store().run(*runs.begin())->status, metadata::RunStatus::kRunning);
  EXPECT_THAT(stage->finish(), IsOk());
  EXPECT_EQ(bench.store().run(*runs.begin())->status, metadata::RunStatus::kSuccess);
  EXPECT_THAT(column(bench.rows("public.users"), "_offset"), ElementsAre("0", "1", "2"));
}

TEST(SilverStageTest, CommitsInBatchesAndTellsHowFarItIs) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.use_limits({.records_max = 2});
  std::vector<std::int64_t> left;
  bench.on_progress([&](const StageProgress& progress) { left.push_back(progress.offsets_left); });
  std::vector<FakeRecord> records;
  for (int i = 0; i < 5; ++i) records.push_back({.offset = i, .value = json_of({})});
  bench.land(records);
  EXPECT_EQ(bench.stage().counts.rows, 5);
  EXPECT_THAT(left, ElementsAre(3, 1, 0));
  bench.expect_all_counted();
}

TEST(SilverStageTest, KeepsAChangeThatCameTwiceTwice) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = json_of({})}, {.offset = 1, .value = json_of({})}});
  EXPECT_EQ(bench.stage().counts.rows, 2);
}

TEST(SilverStageTest, FilesALateChangeUnderTheDateOfItsCommit) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = json_of({.commit_ms = 1'795'416'067'000})}});
  bench.stage();
  bench.land({{.offset = 1, .value = json_of({.commit_ms = 1'795'416'067'000 - 86'400'000})}});
  bench.stage();
  const auto rows = bench.rows("public.users");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0].at("_file"), HasSubstr("/event_date=2026-11-23/"));
  EXPECT_THAT(rows[1].at("_file"), HasSubstr("/event_date=2026-11-22/"));
}

TEST(SilverStageTest, StagesTopicsAndPartitionsApart) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.partition = 0, .offset = 0, .value = json_of({})},
              {.partition = 1, .offset = 0, .value = json_of({})},
              {.partition = 0, .offset = 1, .value = json_of({})}});
  bench.stage();
  const auto rows = bench.rows("public.users");
  EXPECT_THAT(column(rows, "_partition"), ElementsAre("0", "0", "1"));
  EXPECT_THAT(column(rows, "_offset"), ElementsAre("0", "1", "0"));
  EXPECT_EQ(bench.silver_files("stage_events").size(), 1U);
}

TEST(SilverStageTest, PassesOverGapsThatBronzeExplains) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  const model::PartitionId partition{"shop.public.users", "recorded:1", 0};
  bench.land_gap(partition, 100);
  bench.land({{.offset = 107, .value = json_of({})}});
  bench.land_gap(partition, 200);
  EXPECT_EQ(bench.stage().counts.rows, 1);
  const auto positions = bench.store().stage_positions();
  ASSERT_THAT(positions, IsOk());
  EXPECT_EQ(positions->at(0).next_offset, 200);
}

TEST(SilverStageTest, RefusesATableWithoutKeyByNameAndStagesItsRows) {
  StageWorkbench bench;
  bench.use_types(kNoKey);
  bench.land({{.key = std::nullopt, .value = json_of({})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 1);
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.refused.front().state, metadata::TableState::kRefused);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("no primary key"));
}

TEST(SilverStageTest, RefusesATableWhoseKeyHasATypeThatCannotBeOne) {
  StageWorkbench bench;
  bench.use_types(R"([{"schema":"public","table":"users","replica_identity":"d",
    "primary_key":["id"],"columns":[{"name":"id","type":"integer[]","notnull":true},
                                    {"name":"name","type":"text"}]}])");
  bench.land({{.key = R"({"id":[1]})", .value = json_of({.after = R"({"id":[1],"name":"a"})"})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 1);
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_EQ(report.refused.front().state, metadata::TableState::kRefused);
  EXPECT_THAT(report.refused.front().reason, HasSubstr("key column id is of type array(int32)"));
}

TEST(SilverStageTest, RefusesATableThatGotItsTypesForTheReasonThatHoldsNow) {
  StageWorkbench bench;
  bench.use_types("[]");
  bench.land({{.key = std::nullopt, .value = json_of({})}});
  bench.stage();
  bench.use_types(kNoKey);
  EXPECT_THAT(bench.stage().refused.front().reason, HasSubstr("no primary key"));
}

TEST(SilverStageTest, WaitsForASchemaWhileOtherTopicsGoOn) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({})},
              {.topic = "shop.public.orders", .value = json_of({.table = "orders"})},
              {.topic = "shop.public.orders", .offset = 1, .value = json_of({.table = "orders"})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 1);
  ASSERT_EQ(report.waits.size(), 1U);
  EXPECT_EQ(report.waits.front().partition.topic, "shop.public.orders");
  EXPECT_EQ(report.waits.front().offset, 0);
  EXPECT_THAT(report.waits.front().need, HasSubstr("--catalog"));
  EXPECT_EQ(bench.table("orders")->state, metadata::TableState::kRefused);
  EXPECT_FALSE(bench.stage().committed) << "a wait that is known is not recorded again";
  EXPECT_EQ(bench.stage().waits.size(), 1U);
}

TEST(SilverStageTest, GoesOnFromWhereItWaitedOnceThereIsASchema) {
  StageWorkbench bench;
  bench.use_types("[]");
  bench.land({{.offset = 0, .value = json_of({})}, {.offset = 1, .value = json_of({})}});
  EXPECT_EQ(bench.stage().counts.rows, 0);
  bench.use_types(kUsersCatalog);
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_THAT(report.waits, IsEmpty());
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(bench.store().stage_waits().value(), IsEmpty());
  bench.expect_all_counted();
}

TEST(SilverStageTest, QuarantinesARecordWithoutSchemaInATopicThatFeedsATable) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.offset = 0, .value = json_of({})},
              {.offset = 1, .value = json_of({.table = "forged"})},
              {.offset = 2, .value = json_of({})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.rows, 2);
  EXPECT_EQ(report.counts.quarantined, (Counts{{"UNSUPPORTED_TABLE", 1}}));
  EXPECT_THAT(report.waits, IsEmpty());
}

TEST(SilverStageTest, LeavesAnActiveTableAsItIsWhereAnotherTopicNamesItWithoutASchema) {
  StageWorkbench bench;
  bench.land_recording("a_seed/schema/events.jsonl.zst");
  bench.stage();
  ASSERT_EQ(bench.table("users")->state, metadata::TableState::kActive);
  bench.land({{.topic = "second.public.users",
               .value = json_of({.source = "schema_a_seed", .database = "sc_a_seed"})}});
  const StageReport report = bench.stage();
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_EQ(bench.table("users")->state, metadata::TableState::kActive);
}

// The first partition begins with a table that nobody knows, the second makes the topic feed one.
TEST(SilverStageTest, RecordsNoWaitThatTheSameRoundReleases) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({.table = "unknown"})}, {.partition = 1, .value = json_of({})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.quarantined, (Counts{{"UNSUPPORTED_TABLE", 1}}));
  EXPECT_THAT(report.waits, IsEmpty());
  EXPECT_THAT(bench.store().stage_waits().value(), IsEmpty());
}

TEST(SilverStageTest, RefusesATableOfAnotherDatabaseByNameAndNothingElse) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({})}});
  bench.stage();
  bench.land({{.topic = "other.public.users",
               .value = json_of({.source = "other", .database = "elsewhere"})}});
  const StageReport report = bench.stage();
  EXPECT_EQ(report.counts.quarantined, (Counts{{"TABLE_MISMATCH", 1}}));
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_EQ(bench.quarantine("_unknown").size(), 1U);
  EXPECT_EQ(bench.rows("public.users").size(), 1U);
}

TEST(SilverStageTest, EndsEarlyWithWhatIsReadCommitted) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.use_limits({.records_max = 1});
  std::stop_source stop;
  bench.on_progress([&](const StageProgress&) { stop.request_stop(); });
  bench.land({{.topic = "shop.public.users", .value = json_of({})},
              {.topic = "shop.public.users2", .value = json_of({})}});
  EXPECT_EQ(bench.stage(stop.get_token()).counts.rows, 1);
  bench.on_progress({});
  EXPECT_EQ(bench.stage().counts.rows, 1);
  bench.expect_all_counted();
}

TEST(SilverStageTest, RefusesLimitsThatLeaveNoRoom) {
  EXPECT_THAT(SilverStageConfig{}.validate(), IsOk());
  EXPECT_THAT((SilverStageConfig{.limits = {.records_max = 0}}.validate()),
              FailsSaying(ErrorKind::kInvalidConfig, "positive"));
}

TEST(SilverStageTest, ChangesNothingWhenFenced) {
  StageWorkbench bench;
  bench.use_types(kUsersCatalog);
  bench.land({{.value = json_of({})}});
  const auto stage = bench.open_stage();
  const auto& lease = bench.temp_store().lease(metadata::Role::kSilverStage);
  ASSERT_THAT(bench.store().take_lease(lease.role, "other:1", lease.epoch), IsOk());
  EXPECT_THAT(stage->run_once({}), FailsSaying(ErrorKind::kConflict, "fenced"));
  EXPECT_THAT(bench.silver_files("stage_events"), IsEmpty());
  EXPECT_THAT(bench.store().stage_positions().value(), IsEmpty());
}

}  // namespace
}  // namespace cdclake::silver_stage
