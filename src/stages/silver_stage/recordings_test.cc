#include <gmock/gmock.h>

#include <cstdlib>

#include "stages/silver_stage/stage_workbench.h"
#include "testing/reference/reference_fold.h"

/// Real recordings, row by row against the reference.
namespace cdclake::silver_stage {
namespace {

using ::testing::IsEmpty;

std::string corpus(const std::string& path) {
  return std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/tests/corpus/" + path;
}

reference::Reference load(const std::string& scenario, const std::string& variant) {
  return reference::Reference::load(corpus(scenario + "/" + variant + "/events.jsonl.zst"),
                                    corpus(scenario + "/catalog.json"),
                                    corpus(scenario + "/" + variant + "/connector.json"));
}

void stage(StageWorkbench& bench, const std::string& scenario, const std::string& variant) {
  if (variant != "schema") bench.use_corpus_types(scenario, variant);
  bench.land_recording(scenario + "/" + variant + "/events.jsonl.zst", 300);
  const StageReport report = bench.stage();
  EXPECT_THAT(report.counts.quarantined, IsEmpty());
  EXPECT_THAT(report.waits, IsEmpty());
  EXPECT_THAT(report.refused, IsEmpty());
  bench.expect_all_counted();
}

/// Arrow's text of a value in the reference's form: no zone, no zeros at the end of a fraction.
std::string canonical(std::string text) {
  const bool is_time = text.size() > 19 && text[10] == ' ' && text[19] == '.';
  if (text.ends_with("Z")) text.pop_back();
  while (is_time && text.ends_with("0")) text.pop_back();
  if (is_time && text.ends_with(".")) text.pop_back();
  return text;
}

void expect_cells(const RowText& row, const reference::Event& event) {
  for (const auto& [column, value] : event.cells) {
    if (value == nullptr) continue;
    EXPECT_EQ(canonical(row.at(column)), value->value_or("null"))
        << event.topic << " " << event.offset << " " << column;
  }
}

class SeedTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SeedTest, StagesEveryValueAsItWas) {
  const std::string variant = GetParam();
  StageWorkbench bench;
  stage(bench, "a_seed", variant);
  const auto source = load("a_seed", variant);
  std::map<std::pair<std::string, std::string>, RowText> rows;
  for (const std::string table : {"public.users", "public.orders"}) {
    for (RowText& row : bench.rows(table)) {
      const std::pair place(row.at("_topic"), row.at("_offset"));
      EXPECT_TRUE(rows.emplace(place, std::move(row)).second);
    }
  }
  ASSERT_EQ(rows.size(), 29U);
  for (const reference::Event& event : source.events()) {
    const RowText& row = rows.at({event.topic, std::to_string(event.offset)});
    EXPECT_EQ(row.at("_op"), event.op);
    expect_cells(row, event);
  }
}

INSTANTIATE_TEST_SUITE_P(BothShapes, SeedTest, ::testing::Values("plain", "schema"));

class RecordingTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RecordingTest, StagesEveryChangeOnce) {
  const auto [scenario, variant] = GetParam();
  StageWorkbench bench;
  stage(bench, scenario, variant);
  const auto source = load(scenario, variant);
  std::map<std::tuple<std::string, std::int32_t, std::int64_t>, std::string> expected;
  for (const reference::Event& event : source.events()) {
    if (!event.op.empty()) expected[{event.topic, event.partition, event.offset}] = event.op;
  }
  std::map<std::tuple<std::string, std::int32_t, std::int64_t>, std::string> staged;
  std::int64_t moved = 0;
  for (const std::string& table : source.tables()) {
    for (const RowText& row : bench.rows(table)) {
      staged[{row.at("_topic"), std::stoi(row.at("_partition")), std::stoll(row.at("_offset"))}] =
          row.at("_op");
      if (row.at("_moved_from") != "null" || row.at("_moved_to") != "null") ++moved;
    }
  }
  EXPECT_EQ(staged, expected);
  std::int64_t moves = 0;
  for (const reference::Event& event : source.events()) {
    if (event.moved_from || event.moved_to) ++moves;
  }
  EXPECT_EQ(moved, moves);
}

INSTANTIATE_TEST_SUITE_P(
    Each, RecordingTest,
    ::testing::Values(std::pair("b_txn", "plain"), std::pair("b_txn", "schema"),
                      std::pair("c_pkmove", "plain"), std::pair("c_pkmove", "schema"),
                      std::pair("d_toast", "plain"), std::pair("d_toast", "schema"),
                      std::pair("d_toast", "hex"), std::pair("k_replay", "plain"),
                      std::pair("k_replay", "txn"), std::pair("l_partitioned_moves", "plain"),
                      std::pair("l_partitioned_moves", "schema")),
    [](const auto& recording) {
      return std::string(recording.param.first) + "_" + recording.param.second;
    });

}  // namespace
}  // namespace cdclake::silver_stage
