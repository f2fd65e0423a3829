// Both JSON shapes, messages that carry no row, and bytes that are no message.
#include <gtest/gtest.h>

#include "formats/debezium/record_decoder.h"
#include "formats/debezium/schema_types.h"
#include "formats/debezium/test_event.h"

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
