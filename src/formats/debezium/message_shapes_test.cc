// Both JSON shapes, messages that carry no row, and bytes that are no message.
#include <gtest/gtest.h>

#include "formats/debezium/event_workbench.h"
#include "formats/debezium/record_decoder.h"
#include "formats/debezium/table_plans/schema_types.h"

namespace cdclake::debezium {
namespace {

using model::ChangeRow;

const std::string kRowFields =
    R"([{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"v"}])";
const std::string kSchema =
    R"({"type":"struct","fields":[{"type":"struct","fields":)" + kRowFields +
    R"(,"optional":true,"name":"src.public.t.Value","field":"before"},{"type":"struct","fields":)" +
    kRowFields + R"(,"optional":true,"name":"src.public.t.Value","field":"after"},)" +
    R"({"type":"string","optional":false,"field":"op"}],"optional":false,"name":"src.public.t.Envelope"})";
const std::string kKey = R"({"id":1})";

std::string wrap(const std::string& payload, const std::string& schema = kSchema) {
  return R"({"schema":)" + schema + R"(,"payload":)" + payload + "}";
}

std::string outcome(RecordDecoder& decoder, const std::string& value) {
  TestRecord record(kKey, value);
  return outcome_of(decoder.decode(record.raw()));
}

TEST(MessageShapesTest, TakesTypesFromTheSchemaBlockInAnyOrderOfMembers) {
  const std::string payload = TestEvent{}.text();
  const std::string turned = R"({"payload":)" + payload + R"(,"schema":)" + kSchema + "}";
  const std::string spaced = R"({ "schema" : )" + kSchema + R"( , "payload" : )" + payload + " } ";
  for (const std::string& text : {wrap(payload), turned, spaced}) {
    RecordDecoder decoder({}, nullptr);
    EXPECT_EQ(outcome(decoder, text), "row u");
    EXPECT_EQ(outcome(decoder, text), "row u");
    EXPECT_EQ(outcome(decoder, wrap(payload)), "row u");
  }
}

TEST(MessageShapesTest, TellsItsAnswerNotByWhatCameBefore) {
  const std::string good = wrap(TestEvent{}.text());
  const std::string deep(60, '[');
  const std::vector<std::string> odd{
      good + "x",
      wrap(TestEvent{}.text()) + " ",
      wrap(TestEvent{}.text() + R"(,"more":1)"),
      wrap(TestEvent{.more_members = ",\"x\":" + deep + std::string(60, ']')}.text()),
      wrap(TestEvent{.more_members = ",\"x\":" + deep + "[[[[" + std::string(64, ']')}.text()),
      wrap("null"),
      wrap("{"),
      wrap("1"),
      good.substr(0, good.size() - 1)};
  for (const std::string& text : odd) {
    RecordDecoder fresh({}, nullptr);
    RecordDecoder warm({}, nullptr);
    ASSERT_EQ(outcome(warm, good), "row u");
    EXPECT_EQ(outcome(warm, text), outcome(fresh, text)) << text.substr(400);
  }
}

TEST(MessageShapesTest, NeverUnwrapsColumnsThatAreCalledSchemaAndPayload) {
  RecordDecoder decoder({}, nullptr);
  EXPECT_EQ(outcome(decoder, R"({"schema":"s","payload":"p","id":1})"), "MISSING_OP");
  EXPECT_EQ(outcome(decoder, R"({"id":1,"schema":{"type":"row"},"payload":{"op":"c"}})"),
            "MISSING_OP");
}

TEST(MessageShapesTest, RejectsABlockWithoutAPayload) {
  RecordDecoder decoder({}, nullptr);
  EXPECT_EQ(outcome(decoder, R"({"schema":)" + kSchema + "}"), "MISSING_PAYLOAD");
  EXPECT_EQ(outcome(decoder, wrap("null")), "JSON_PARSE");
}

TEST(MessageShapesTest, KnowsMessagesWithoutARowByTheirShape) {
  RecordDecoder decoder({}, nullptr);
  EXPECT_EQ(outcome(decoder, R"({"ts_ms":1795416470926})"), "no row: heartbeat");
  EXPECT_EQ(outcome(decoder, R"({"status":"BEGIN","id":"953:64192488","event_count":null,)"
                             R"("data_collections":null,"ts_ms":1})"),
            "no row: transaction");
  EXPECT_EQ(outcome(decoder, R"({"id":"7e","type":"STARTED","aggregate_type":"Initial Snapshot",)"
                             R"("additional_data":{"connector_name":"c"},"timestamp":1})"),
            "no row: notification");
  EXPECT_EQ(outcome(decoder,
                    R"({"source":{},"ts_ms":1,"databaseName":"d","ddl":"drop","tableChanges":[]})"),
            "no row: schema_change");
  EXPECT_EQ(outcome(decoder, R"({"ts_ms":1,"x":2})"), "MISSING_OP");
}

TEST(MessageShapesTest, KnowsMessagesWithoutARowByTheirSchema) {
  RecordDecoder decoder({}, nullptr);
  const auto named = [&](const std::string& name) {
    return outcome(
        decoder, wrap(R"({"ts_ms":1})", R"({"type":"struct","fields":[],"name":")" + name + "\"}"));
  };
  EXPECT_EQ(named("io.debezium.connector.common.Heartbeat"), "no row: heartbeat");
  EXPECT_EQ(named("io.debezium.connector.common.TransactionMetadataValue"), "no row: transaction");
  EXPECT_EQ(named("io.debezium.connector.common.Notification"), "no row: notification");
  EXPECT_EQ(named("io.debezium.connector.postgresql.SchemaChangeValue"), "no row: schema_change");
}

TEST(MessageShapesTest, TakesRowsOfTheSignalTableForSignals) {
  ConnectorSettings settings;
  settings.signal_table = "public.t";
  RecordDecoder decoder(settings, nullptr);
  EXPECT_EQ(outcome(decoder, wrap(TestEvent{}.text())), "no row: signal");
  EXPECT_EQ(outcome(decoder, wrap(TestEvent{.table = R"("u")"}.text())), "row u");
}

TEST(MessageShapesTest, KeepsTablesApartThatShareATopic) {
  RecordDecoder decoder({}, nullptr);
  for (int i = 0; i < 3; ++i) {
    for (const char* table : {R"("t")", R"("u")"}) {
      TestRecord record(kKey, wrap(TestEvent{.table = table}.text()));
      const auto decoded = decoder.decode(record.raw());
      EXPECT_EQ("\"" + std::get<ChangeRow>(decoded).schema->table.table + "\"", table);
    }
  }
}

TEST(MessageShapesTest, RefusesSchemaBlocksThatLeaveATypeOpen) {
  const auto with = [](const std::string& field, const ConnectorSettings& settings,
                       const model::SourceCatalog* catalog) {
    std::string schema = kSchema;
    const std::string old = R"({"type":"string","optional":true,"field":"v"})";
    schema.replace(schema.rfind(old), old.size(), field);
    RecordDecoder decoder(settings, catalog);
    return outcome(decoder, wrap(TestEvent{.after = R"({"id":1,"v":null})"}.text(), schema));
  };
  const std::string time =
      R"({"type":"int64","name":"org.apache.kafka.connect.data.Timestamp","field":"v"})";
  const auto coarse = catalog_of_t({{"id", "integer"}, {"v", "timestamp(3) without time zone"}});
  const auto fine = catalog_of_t({{"id", "integer"}, {"v", "timestamp without time zone"}});
  EXPECT_EQ(with(time, {}, nullptr), "undecided");
  EXPECT_EQ(with(time, {}, &fine), "undecided");
  EXPECT_EQ(with(time, {}, &coarse), "row u");

  const std::string real = R"({"type":"double","field":"v"})";
  const ConnectorSettings doubles{.decimal = DecimalMode::kDouble};
  const auto is_float = catalog_of_t({{"id", "integer"}, {"v", "double precision"}});
  const auto is_numeric = catalog_of_t({{"id", "integer"}, {"v", "numeric(10,2)"}});
  EXPECT_EQ(with(real, {}, nullptr), "row u");
  EXPECT_EQ(with(real, doubles, nullptr), "undecided");
  EXPECT_EQ(with(real, doubles, &is_float), "row u");
  EXPECT_EQ(with(real, doubles, &is_numeric), "undecided");

  EXPECT_EQ(
      with(R"({"type":"struct","name":"io.debezium.data.geometry.Point","fields":[],"field":"v"})",
           {}, nullptr),
      "undecided");
  EXPECT_EQ(
      with(
          R"({"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"v"})",
          {}, nullptr),
      "undecided");
  EXPECT_EQ(with(R"({"type":"string","optional":true,"field":"id"})", {}, nullptr), "SCHEMA_BLOCK");
}

/// A wrapped update of public.t(id, n) whose block says that of `n`.
std::string wrapped_decimal(const std::string& parameters, const std::string& value) {
  std::string schema = kSchema;
  const std::string old = R"({"type":"string","optional":true,"field":"v"})";
  const std::string field = R"({"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",)"
                            R"("parameters":)" +
                            parameters + R"(,"field":"n"})";
  schema.replace(schema.rfind(old), old.size(), field);
  return wrap(TestEvent{.after = R"({"id":1,"n":)" + value + "}"}.text(), schema);
}

TEST(MessageShapesTest, RefusesADecimalOfNoDigits) {
  RecordDecoder decoder({}, nullptr);
  for (const char* precision : {"0", "-1", "-2147483648"}) {
    const std::string parameters =
        R"({"scale":"0","connect.decimal.precision":")" + std::string(precision) + "\"}";
    EXPECT_EQ(outcome(decoder, wrapped_decimal(parameters, R"("AA==")")), "undecided") << precision;
  }
}

TEST(MessageShapesTest, TakesANumberForADecimalWhereTheBlockSaysThatItIsOne) {
  RecordDecoder decoder({}, nullptr);
  const std::string parameters = R"({"scale":"2","connect.decimal.precision":"10"})";
  EXPECT_EQ(outcome(decoder, wrapped_decimal(parameters, "10.25")), "row u");
  EXPECT_EQ(outcome(decoder, wrapped_decimal(parameters, R"("BAE=")")), "row u");
}

TEST(MessageShapesTest, HoldsTheKeyAgainstTheCatalogWithASchemaBlockToo) {
  const auto catalog = catalog_of_t({{"id", "integer"}, {"v", "text"}});
  RecordDecoder decoder({}, &catalog);
  TestRecord by_v(R"({"v":"a"})", wrap(TestEvent{}.text()));
  EXPECT_EQ(outcome_of(decoder.decode(by_v.raw())), "KEY_MISMATCH");
  TestRecord by_id(kKey, wrap(TestEvent{}.text()));
  EXPECT_EQ(outcome_of(decoder.decode(by_id.raw())), "row u");
}

TEST(MessageShapesTest, LetsTheCatalogTellStringsApart) {
  const auto catalog = catalog_of_t({{"id", "integer"}, {"v", "numeric(10,2)"}});
  RecordDecoder decoder({.decimal = DecimalMode::kString}, &catalog);
  TestRecord record(kKey, wrap(TestEvent{.after = R"({"id":1,"v":"10.25"})"}.text()));
  const auto decoded = decoder.decode(record.raw());
  EXPECT_EQ(model::to_string(std::get<ChangeRow>(decoded).schema->columns[1].type),
            "decimal(10,2)");
}

TEST(MessageShapesTest, SurvivesEveryPrefixAndEveryBrokenByte) {
  const auto catalog = catalog_of_t({{"id", "integer"}, {"v", "text"}});
  RecordDecoder decoder({}, &catalog);
  for (const std::string& text : {TestEvent{}.text(), wrap(TestEvent{}.text())}) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_NE(outcome(decoder, text.substr(0, size)), "row u") << size;
    }
    for (std::size_t place = 0; place < text.size(); ++place) {
      for (const char byte : {'\0', '"', '{', ']', '\xFF', '9'}) {
        std::string broken = text;
        broken[place] = byte;
        outcome(decoder, broken);
      }
    }
    EXPECT_EQ(outcome(decoder, text), "row u");
  }
}

/// What a warm decoder and a fresh one say of a wrapped event, which must be the same.
std::string outcome_warm_and_fresh(const TestEvent& before, const TestEvent& event) {
  RecordDecoder warm({}, nullptr);
  RecordDecoder fresh({}, nullptr);
  EXPECT_EQ(outcome(warm, wrap(before.text())), "row u");
  EXPECT_EQ(outcome(warm, wrap(before.text())), "row u");
  const std::string said = outcome(warm, wrap(event.text()));
  EXPECT_EQ(said, outcome(fresh, wrap(event.text()))) << event.text();
  return said;
}

TEST(MessageShapesTest, TakesMembersBehindThePayload) {
  const std::string text = R"({"schema":)" + kSchema + R"(,"payload":)" + TestEvent{}.text();
  for (const char* end : {R"(,"x":1})", R"(,"x":{"y":[]}} )", R"( ,"x":null})"}) {
    RecordDecoder decoder({}, nullptr);
    EXPECT_EQ(outcome(decoder, text + end), "row u") << end;
    EXPECT_EQ(outcome(decoder, wrap(TestEvent{}.text())), "row u");
    EXPECT_EQ(outcome(decoder, text + end), "row u") << end;
  }
  RecordDecoder decoder({}, nullptr);
  EXPECT_EQ(outcome(decoder, text + R"(,"payload":1})"), "DUPLICATE_FIELD");
  EXPECT_EQ(outcome(decoder, text + R"(,"x":})"), "JSON_PARSE");
}

TEST(MessageShapesTest, HoldsThePayloadToOneDepthInAnyOrderOfMembers) {
  for (const auto& [depth, expected] : {std::pair(63, "row u"), std::pair(64, "TOO_DEEP")}) {
    const auto size = static_cast<std::size_t>(depth);
    const std::string deep = ",\"x\":" + std::string(size, '[') + std::string(size, ']');
    const std::string payload = TestEvent{.more_members = deep}.text();
    const std::string turned = R"({"payload":)" + payload + R"(,"schema":)" + kSchema + "}";
    for (const std::string& text : {wrap(payload), turned}) {
      RecordDecoder decoder({}, nullptr);
      EXPECT_EQ(outcome(decoder, text), expected) << depth;
    }
  }
}

TEST(MessageShapesTest, TellsTablesApartWhoseNamesNeedEscapes) {
  // What is broken as JSON, or another name, is not the table before.
  const TestEvent quoted{.table = R"("a\"b")"};
  EXPECT_EQ(outcome_warm_and_fresh(quoted, {.table = R"("a"b")"}), "JSON_PARSE");
  const TestEvent newline{.table = R"("x\nb")"};
  EXPECT_EQ(outcome_warm_and_fresh(newline, {.table = "\"x\nb\""}), "JSON_PARSE");
  EXPECT_EQ(outcome_warm_and_fresh(newline, newline), "row u");
  RecordDecoder decoder({}, nullptr);
  const auto table_of = [&](const char* table) {
    TestRecord record(kKey, wrap(TestEvent{.table = table}.text()));
    return std::get<ChangeRow>(decoder.decode(record.raw())).schema->table.table;
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(table_of(R"("x\\nb")"), "x\\nb");
    EXPECT_EQ(table_of(R"("x\nb")"), "x\nb");
  }
}

TEST(MessageShapesTest, ReadsColumnsWhoseNamesNeedEscapes) {
  const std::string name = "a\tb\"c\\d.e\x01";
  const auto catalog = catalog_of_t({{"id", "integer"}, {name, "text"}});
  RecordDecoder decoder({}, &catalog);
  const auto said = [&](const std::string& spelled) {
    return outcome(decoder, TestEvent{.after = R"({"id":1,")" + spelled + R"(":"x"})"}.text());
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(said(R"(a\tb\"c\\d.e\u0001)"), "row u");
    EXPECT_EQ(said(R"(a\u0009b\u0022c\u005cd.e\u0001)"), "row u");
    EXPECT_EQ(said("a\tb\\\"c\\\\d.e\x01"), "JSON_PARSE");
  }
}

TEST(MessageShapesTest, ReadsNoFurtherForAColumnOfZeros) {
  const auto catalog = catalog_of_t({{"id", "integer"}, {std::string(1000, '\0'), "text"}});
  RecordDecoder decoder({}, &catalog);
  EXPECT_EQ(outcome(decoder, TestEvent{.after = R"({"id":1})"}.text()), "MISSING_COLUMN");
  EXPECT_EQ(outcome(decoder, R"({"after":{"id":1,")"), "JSON_PARSE");
}

TEST(MessageShapesTest, KnowsMembersWhoseNamesAreEscaped) {
  RecordDecoder decoder({}, nullptr);
  std::string text = TestEvent{.lsn = "7"}.text();
  text.replace(text.find("\"op\""), 4, R"("\u006fp")");
  text.replace(text.find("\"lsn\""), 5, R"("l\u0073n")");
  for (int i = 0; i < 2; ++i) {
    TestRecord record(kKey, wrap(text));
    EXPECT_EQ(std::get<ChangeRow>(decoder.decode(record.raw())).lsn, 7);
  }
  const std::string turned = R"({"p\u0061yload":)" + text + R"(,"\u0073chema":)" + kSchema + "}";
  EXPECT_EQ(outcome(decoder, turned), "row u");
}

TEST(MessageShapesTest, RejectsEveryMemberThatComesTwice) {
  for (const char* member :
       {R"("lsn":1)", R"("table":"t")", R"("name":"src")", R"("xmin":1)", R"("l\u0073n":1)"}) {
    const TestEvent event{.more_source = "," + std::string(member)};
    EXPECT_EQ(outcome_warm_and_fresh({}, event), "DUPLICATE_FIELD") << member;
  }
  EXPECT_EQ(outcome_warm_and_fresh({}, {.more_members = R"(,"\u006fp":"c")"}), "DUPLICATE_FIELD");
}

TEST(MessageShapesTest, NamesWhatIsNoMessage) {
  RecordDecoder decoder({}, nullptr);
  for (const char* text :
       {"", " ", "null", "1", "\"x\"", "[]", "{", "{}x", "\xEF\xBB\xBF{}", "NaN"}) {
    EXPECT_EQ(outcome(decoder, text), "JSON_PARSE") << text;
  }
  EXPECT_EQ(outcome(decoder, "{\"a\":\"\xC3\x28\"}"), "NOT_UTF8");
  EXPECT_EQ(outcome(decoder, R"({"a":)" + std::string(100'000, '[')), "TOO_DEEP");
  EXPECT_EQ(outcome(decoder, std::string(100'000, '[')), "JSON_PARSE");
  EXPECT_EQ(outcome(decoder, "{\"a\":\"" + std::string(100'000, '[') + "\"}"), "MISSING_OP");
  EXPECT_EQ(outcome(decoder, "{}"), "MISSING_OP");
}

}  // namespace
}  // namespace cdclake::debezium
