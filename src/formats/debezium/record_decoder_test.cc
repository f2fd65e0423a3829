#include "formats/debezium/record_decoder.h"

#include <gtest/gtest.h>

#include "formats/debezium/event_workbench.h"

namespace cdclake::debezium {
namespace {

using model::CellState;
using model::ChangeRow;

const char* const kKey = R"({"id":1})";

/// Decodes records of public.t(id integer, v text).
class Bench {
 public:
  Bench() : catalog_(catalog_of_t({{"id", "integer"}, {"v", "text"}})), decoder_({}, &catalog_) {}

  model::DecodedRecord decode(const TestEvent& event, std::optional<std::string> key = kKey) {
    return decode_text(event.text(), std::move(key));
  }
  model::DecodedRecord decode_text(std::string value, std::optional<std::string> key = kKey) {
    record_.emplace(std::move(key), std::move(value));
    return decoder_.decode(record_->raw());
  }
  std::string outcome(const TestEvent& event, std::optional<std::string> key = kKey) {
    return outcome_of(decode(event, std::move(key)));
  }
  std::string outcome_of_text(std::string value, std::optional<std::string> key = kKey) {
    return outcome_of(decode_text(std::move(value), std::move(key)));
  }
  RecordDecoder& decoder() { return decoder_; }

 private:
  model::SourceCatalog catalog_;
  RecordDecoder decoder_;
  std::optional<TestRecord> record_;
};

TEST(RecordDecoderTest, ReadsAnUpdate) {
  Bench bench;
  const auto decoded = bench.decode({});
  const auto& row = std::get<ChangeRow>(decoded);
  EXPECT_EQ(row.op, model::Op::kUpdate);
  EXPECT_EQ(row.schema->table, (model::TableId{"src", "db", "public", "t"}));
  ASSERT_EQ(row.cells.size(), 2U);
  EXPECT_EQ(row.cells[0].integer, 1);
  EXPECT_EQ(row.cells[1].bytes, "a");
  EXPECT_EQ(row.commit_ts_us, 1'795'416'067'456'000);
  EXPECT_EQ(row.lsn, 26'724'256);
  EXPECT_EQ(row.tx_id, 749);
  EXPECT_EQ(row.seq_commit, 26'724'200);
  EXPECT_EQ(row.seq_lsn, 26'724'256);
  EXPECT_FALSE(row.is_snapshot);
}

TEST(RecordDecoderTest, TakesTheCommitTimeInMicrosecondsWhereItIsThere) {
  Bench bench;
  const auto decoded = bench.decode({.more_source = R"(,"ts_us":1795416067456789)"});
  EXPECT_EQ(std::get<ChangeRow>(decoded).commit_ts_us, 1'795'416'067'456'789);
}

TEST(RecordDecoderTest, ToleratesEverySpellingOfTheSource) {
  Bench bench;
  const auto row_of = [&](const TestEvent& event) {
    const auto decoded = bench.decode(event);
    EXPECT_EQ(outcome_of(decoded), "row u");
    return std::get<ChangeRow>(decoded);
  };
  for (const char* off : {"null", "false", R"("false")"}) {
    EXPECT_FALSE(row_of({.snapshot = off}).is_snapshot) << off;
  }
  for (const char* on : {"true", R"("true")", R"("first")", R"("last")", R"("incremental")"}) {
    EXPECT_TRUE(row_of({.snapshot = on}).is_snapshot) << on;
  }
  EXPECT_EQ(row_of({.lsn = R"("26724256")"}).lsn, 26'724'256);
  EXPECT_EQ(row_of({.lsn = "null"}).lsn, std::nullopt);
  EXPECT_EQ(row_of({.ts_ms = R"("1580")"}).commit_ts_us, 1'580'000);
  EXPECT_EQ(row_of({.sequence = R"("[null,\"1\"]")"}).seq_commit, std::nullopt);
  EXPECT_EQ(row_of({.sequence = R"("[null,\"1\"]")"}).seq_lsn, 1);
  EXPECT_EQ(row_of({.sequence = R"("[ \"3\", \"4\" ]")"}).seq_commit, 3);
  EXPECT_EQ(row_of({.sequence = "null"}).seq_lsn, std::nullopt);
  EXPECT_EQ(row_of({.more_source = R"(,"commit_lsn":1,"later":{"a":[1]})"}).lsn, 26'724'256);
}

TEST(RecordDecoderTest, RejectsASourceThatIsNotWhatItShouldBe) {
  Bench bench;
  EXPECT_EQ(bench.outcome({.lsn = R"("abc")"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.lsn = "99999999999999999999"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.sequence = R"("x")"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.sequence = "[1,2]"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.snapshot = "{}"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.table = "7"}), "SOURCE_VALUE");
  EXPECT_EQ(bench.outcome({.table = "null"}), "MISSING_SOURCE_TABLE");
  EXPECT_EQ(bench.outcome({.ts_ms = "null"}), "MISSING_TS_MS");
  EXPECT_EQ(bench.outcome({.ts_ms = "9223372036854775807"}), "MISSING_TS_MS");
  EXPECT_EQ(bench.outcome_of_text(R"({"after":{"id":1},"op":"c"})"), "MISSING_SOURCE");
  EXPECT_EQ(bench.outcome_of_text(R"({"after":{"id":1},"source":[],"op":"c"})"), "MISSING_SOURCE");
}

TEST(RecordDecoderTest, RejectsEveryOpThatIsNoChange) {
  Bench bench;
  EXPECT_EQ(bench.outcome({.op = R"("C")"}), "UNKNOWN_OP");
  EXPECT_EQ(bench.outcome({.op = R"("tombstone")"}), "UNKNOWN_OP");
  EXPECT_EQ(bench.outcome({.op = "null"}), "MISSING_OP");
  EXPECT_EQ(bench.outcome({.op = "1"}), "MISSING_OP");
  EXPECT_EQ(bench.outcome_of_text(R"({"after":{"id":1}})"), "MISSING_OP");
  EXPECT_EQ(bench.outcome({.after = "null", .op = R"("t")"}, std::nullopt), "TRUNCATE_UNSUPPORTED");
  EXPECT_EQ(bench.outcome({.after = "null", .op = R"("m")"}), "no row: message");
}

TEST(RecordDecoderTest, SaysWhichTableARejectedRecordMeans) {
  Bench bench;
  const auto decoded = bench.decode({.after = R"({"id":"x","v":"a"})"});
  const auto& rejected = std::get<model::RejectedRecord>(decoded);
  EXPECT_EQ(rejected.reason, "VALUE_TYPE");
  EXPECT_EQ(rejected.detail, "column \"id\": the value is not spelled as int32");
  EXPECT_EQ(rejected.table, (model::TableId{"src", "db", "public", "t"}));
}

TEST(RecordDecoderTest, RejectsRowsThatAreNotTheTables) {
  Bench bench;
  EXPECT_EQ(bench.outcome({.after = "null"}), "AFTER_NULL_FOR_CU");
  EXPECT_EQ(bench.outcome({.after = "[]"}), "AFTER_NULL_FOR_CU");
  EXPECT_EQ(bench.outcome({.after = R"({"id":1})"}), "MISSING_COLUMN");
  EXPECT_EQ(bench.outcome({.after = R"({"id":1,"v":"a","w":1})"}), "UNKNOWN_COLUMN");
  EXPECT_EQ(bench.outcome({.after = R"({"id":1,"v":"a","v":"b"})"}), "DUPLICATE_FIELD");
  EXPECT_EQ(bench.outcome({.more_members = R"(,"op":"c")"}), "DUPLICATE_FIELD");
  EXPECT_EQ(bench.outcome({.after = R"({"v":"a","id":1})"}), "row u");
}

TEST(RecordDecoderTest, HoldsTheRecordsKeyAgainstTheRow) {
  Bench bench;
  EXPECT_EQ(bench.outcome({}, R"({"id":2})"), "KEY_MISMATCH");
  EXPECT_EQ(bench.outcome({}, R"({"v":"a"})"), "KEY_MISMATCH");
  EXPECT_EQ(bench.outcome({}, R"({"id":1,"v":"a"})"), "KEY_MISMATCH");
  EXPECT_EQ(bench.outcome({}, R"({"id":null})"), "KEY_MISMATCH");
  EXPECT_EQ(bench.outcome({.after = R"({"id":null,"v":"a"})"}, R"({"id":null})"), "KEY_MISSING");
  EXPECT_EQ(bench.outcome({}, "1"), "JSON_PARSE");
  EXPECT_EQ(bench.outcome({}, "{"), "JSON_PARSE");
  // Without a key of its own the record's row has one.
  EXPECT_EQ(bench.outcome({}, std::nullopt), "row u");
}

TEST(RecordDecoderTest, BelievesOnlyTheKeyOfADelete) {
  Bench bench;
  const auto decoded =
      bench.decode({.before = R"({"id":1,"v":"made up"})", .after = "null", .op = R"("d")"});
  const auto& row = std::get<ChangeRow>(decoded);
  EXPECT_EQ(row.cells[0].integer, 1);
  EXPECT_EQ(row.cells[1].state, CellState::kUnset);
  EXPECT_EQ(bench.outcome({.after = "null", .op = R"("d")"}), "row d");
}

TEST(RecordDecoderTest, TakesTheKeyOfADeleteFromBeforeWhereThereIsNoOther) {
  Bench bench;
  const TestEvent event{.before = R"({"v":7,"id":3})", .after = "null", .op = R"("d")"};
  const auto decoded = bench.decode(event, std::nullopt);
  EXPECT_EQ(std::get<ChangeRow>(decoded).cells[0].integer, 3);
  EXPECT_EQ(bench.outcome({.after = "null", .op = R"("d")"}, std::nullopt), "BEFORE_NULL_FOR_D");
  EXPECT_EQ(bench.outcome({.before = "{}", .after = "null", .op = R"("d")"}, std::nullopt),
            "MISSING_COLUMN");
}

TEST(RecordDecoderTest, LeavesATableWithoutAKeyToItsCaller) {
  const auto catalog = catalog_of_t({{"a", "integer"}}, {});
  RecordDecoder decoder({}, &catalog);
  TestRecord record(std::nullopt, TestEvent{.after = R"({"a":1})", .op = R"("c")"}.text());
  const auto decoded = decoder.decode(record.raw());
  EXPECT_TRUE(std::get<ChangeRow>(decoded).schema->key_columns.empty());
  // A key of columns that are not known to be unique would merge rows that are none.
  TestRecord keyed(R"({"a":1})", TestEvent{.after = R"({"a":1})", .op = R"("c")"}.text());
  EXPECT_EQ(outcome_of(decoder.decode(keyed.raw())), "KEY_MISMATCH");
}

TEST(RecordDecoderTest, RefusesATableWhoseDeletesCarryAnotherKeyThanItsPrimaryOne) {
  auto catalog = catalog_of_t({{"id", "integer"}, {"v", "text"}});
  catalog.tables.at({"public", "t"}).replica_identity = model::ReplicaIdentity::kIndex;
  RecordDecoder decoder({}, &catalog);
  TestRecord record(kKey, TestEvent{}.text());
  const auto decoded = decoder.decode(record.raw());
  const auto& undecided = std::get<model::UndecidedRecord>(decoded);
  EXPECT_NE(undecided.need.find("REPLICA IDENTITY DEFAULT"), std::string::npos) << undecided.need;
}

TEST(RecordDecoderTest, ReadsATombstoneByTheTablesSchema) {
  Bench bench;
  const auto decoded = bench.decode({});
  const auto schema = std::get<ChangeRow>(decoded).schema;
  TestRecord record(R"({"id":9})", std::nullopt);
  record.header("__debezium.newkey", R"({"id":10})");
  const auto tombstone = bench.decoder().decode_tombstone(record.raw(), schema);
  const auto& row = std::get<ChangeRow>(tombstone);
  EXPECT_EQ(row.op, model::Op::kTombstone);
  EXPECT_EQ(row.schema, schema);
  EXPECT_EQ(row.cells[0].integer, 9);
  EXPECT_EQ(row.cells[1].state, CellState::kUnset);
  EXPECT_EQ(row.commit_ts_us, std::nullopt);
  ASSERT_EQ(row.moved_to.size(), 1U);
  EXPECT_EQ(row.moved_to[0].integer, 10);
  TestRecord null_key(R"({"id":null})", std::nullopt);
  EXPECT_EQ(outcome_of(bench.decoder().decode_tombstone(null_key.raw(), schema)), "KEY_MISSING");
  TestRecord keyless(std::nullopt, std::nullopt);
  EXPECT_EQ(outcome_of(bench.decoder().decode_tombstone(keyless.raw(), schema)), "KEY_MISSING");
}

TEST(RecordDecoderTest, ReadsATombstoneBeforeAnyOtherRecord) {
  const auto schema = model::make_table_schema(
      {"src", "db", "public", "t"}, {{"id", {.kind = model::TypeKind::kTimestamp}}}, {0});
  const std::string wrapped =
      R"({"schema":{"type":"struct","fields":[{"type":"int64","optional":false,)"
      R"("name":"io.debezium.time.Timestamp","field":"id"}]},"payload":{"id":7}})";
  RecordDecoder decoder({}, nullptr);
  TestRecord with_block(wrapped, std::nullopt);
  const auto decoded = decoder.decode_tombstone(with_block.raw(), schema);
  EXPECT_EQ(std::get<ChangeRow>(decoded).cells[0].integer, 7'000);
  // Milliseconds or microseconds: nothing tells.
  TestRecord bare(R"({"id":7})", std::nullopt);
  EXPECT_EQ(outcome_of(decoder.decode_tombstone(bare.raw(), schema)), "undecided");
}

TEST(RecordDecoderTest, LinksTheHalvesOfAKeyMove) {
  Bench bench;
  TestRecord arrival(kKey, TestEvent{.op = R"("c")"}.text());
  arrival.header("__debezium.context.taskId", "0").header("__debezium.oldkey", R"({"id":5})");
  const auto decoded = bench.decoder().decode(arrival.raw());
  ASSERT_EQ(std::get<ChangeRow>(decoded).moved_from.size(), 1U);
  EXPECT_EQ(std::get<ChangeRow>(decoded).moved_from[0].integer, 5);
  EXPECT_TRUE(std::get<ChangeRow>(decoded).moved_to.empty());

  TestRecord departure(kKey, TestEvent{.after = "null", .op = R"("d")"}.text());
  departure.header("__debezium.newkey",
                   R"({"schema":{"type":"struct","fields":[{"type":"int32","field":"id"}]},)"
                   R"("payload":{"id":6}})");
  const auto left = bench.decoder().decode(departure.raw());
  ASSERT_EQ(std::get<ChangeRow>(left).moved_to.size(), 1U);
  EXPECT_EQ(std::get<ChangeRow>(left).moved_to[0].integer, 6);

  TestRecord unreadable(kKey, TestEvent{.op = R"("c")"}.text());
  unreadable.header("__debezium.oldkey", "Struct{id=5}");
  EXPECT_EQ(outcome_of(bench.decoder().decode(unreadable.raw())), "MOVED_KEY");
}

TEST(RecordDecoderTest, TakesAnUnchangedValueOnlyWhereOneCanBe) {
  Bench bench;
  const std::string marked = R"({"id":1,"v":"__debezium_unavailable_value"})";
  const auto cell_of = [&](const std::string& op, const char* header) {
    TestRecord record(kKey, TestEvent{.after = marked, .op = op}.text());
    if (header != nullptr) record.header(header, R"({"id":5})");
    const auto decoded = bench.decoder().decode(record.raw());
    return std::get<ChangeRow>(decoded).cells[1].state;
  };
  EXPECT_EQ(cell_of(R"("u")", nullptr), CellState::kUnchanged);
  EXPECT_EQ(cell_of(R"("c")", "__debezium.oldkey"), CellState::kUnchanged);
  // An insert and a snapshot carry every value: this one was typed by a user.
  EXPECT_EQ(cell_of(R"("c")", nullptr), CellState::kValue);
  EXPECT_EQ(cell_of(R"("r")", nullptr), CellState::kValue);
}

TEST(RecordDecoderTest, WaitsForTypesRatherThanGuess) {
  RecordDecoder decoder({}, nullptr);
  TestRecord record(kKey, TestEvent{}.text());
  const auto decoded = decoder.decode(record.raw());
  const auto& undecided = std::get<model::UndecidedRecord>(decoded);
  EXPECT_EQ(undecided.table.table, "t");
  for (const char* way : {"schema", "SOURCE_DB_*", "--catalog", "registry", "contract"}) {
    EXPECT_NE(undecided.need.find(way), std::string::npos) << way;
  }
}

TEST(RecordDecoderTest, GivesEqualSchemasTheSamePointer) {
  Bench bench;
  const auto schema = std::get<ChangeRow>(bench.decode({})).schema;
  TestRecord elsewhere(kKey, TestEvent{.op = R"("c")"}.text());
  elsewhere.topic("other");
  const auto decoded = bench.decoder().decode(elsewhere.raw());
  EXPECT_EQ(std::get<ChangeRow>(decoded).schema, schema);
}

}  // namespace
}  // namespace cdclake::debezium
