// Replays recordings of a real PostgreSQL through a real Debezium: tests/corpus/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "formats/debezium/record_decoder.h"
#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "formats/recorded_topic/recorded_topic_reader.h"

namespace cdclake::debezium {
namespace {

using model::Cell;
using model::CellState;
using model::ChangeRow;

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A cell that owns what it holds, as text.
std::string render(const Cell& cell) {
  switch (cell.state) {
    case CellState::kNull:
      return "null";
    case CellState::kUnchanged:
      return "unchanged";
    case CellState::kUnset:
      return "unset";
    case CellState::kValue:
      break;
  }
  std::string text = std::to_string(cell.integer) + "|" + std::to_string(cell.real) + "|";
  text += cell.bytes;
  for (const Cell& item : cell.items) text += "[" + render(item) + "]";
  return text;
}

std::string render(const std::span<const Cell> cells) {
  std::string text;
  for (const Cell& cell : cells) text += render(cell) + ";";
  return text;
}

/// What became of one record.
struct Outcome {
  std::string table;
  std::int64_t offset = 0;
  std::string kind;  ///< The op of a row; else what else it is, with the reason.
  model::TableSchemaPtr schema;
  std::vector<std::string> cells;
  std::string moved_from;
  std::string moved_to;
  ChangeRow row;  ///< Its cells are gone.

  const std::string& cell(std::string_view column) const { return cells.at(*schema->find(column)); }
};

enum class Types { kOfTheCatalog, kOfTheMessages };

/// All records of a variant, decoded in order.
class Recording {
 public:
  Recording(const std::string& scenario, const std::string& variant, Types types) {
    const char* root = std::getenv("CDCLAKE_SOURCE_DIR");
    folder_ = std::string(root == nullptr ? "." : root) + "/tests/corpus/" + scenario;
    const auto catalog = json_document::parse_catalog(text_of(folder_ + "/catalog.json"));
    const auto properties =
        json_document::parse_connector_config(text_of(folder_ + "/" + variant + "/connector.json"));
    const auto settings = ConnectorSettings::from_properties(properties.value());
    RecordDecoder decoder(settings.value(),
                          types == Types::kOfTheCatalog ? &catalog.value() : nullptr);
    auto reader = recorded_topic::RecordedTopicReader::open(
        {.path = folder_ + "/" + variant + "/events.jsonl.zst", .incarnation = "1"});
    for (bool at_end = false; !at_end;) {
      const auto batch = reader.value().read(std::chrono::seconds(1));
      at_end = batch.value().at_end;
      for (const auto& record : batch.value().records) take(decoder, record);
    }
  }

  const std::vector<Outcome>& outcomes() const { return outcomes_; }

  const Outcome& at(const std::string& table, std::int64_t offset) const {
    for (const Outcome& outcome : outcomes_) {
      if (outcome.table == table && outcome.offset == offset) return outcome;
    }
    ADD_FAILURE() << "no record " << table << " " << offset;
    return outcomes_.front();
  }

  std::map<std::string, int> counts() const {
    std::map<std::string, int> counts;
    for (const Outcome& outcome : outcomes_) ++counts[outcome.kind];
    return counts;
  }

 private:
  void take(RecordDecoder& decoder, const model::RawRecord& record) {
    const std::string& topic = record.partition->topic;
    const auto decoded = record.value ? decoder.decode(record)
                                      : decoder.decode_tombstone(record, schemas_.at(topic));
    Outcome outcome;
    outcome.table = topic.substr(topic.rfind('.') + 1);
    outcome.offset = record.offset;
    if (const auto* row = std::get_if<ChangeRow>(&decoded)) {
      schemas_[topic] = row->schema;
      outcome.kind = model::to_string(row->op);
      outcome.schema = row->schema;
      outcome.row = *row;
      for (const Cell& cell : row->cells) outcome.cells.push_back(render(cell));
      outcome.moved_from = render(row->moved_from);
      outcome.moved_to = render(row->moved_to);
    } else if (const auto* rejected = std::get_if<model::RejectedRecord>(&decoded)) {
      outcome.kind = rejected->reason + ": " + rejected->detail;
    } else if (const auto* no_row = std::get_if<model::NoRow>(&decoded)) {
      outcome.kind = no_row->kind;
    } else {
      outcome.kind = "undecided";
    }
    outcomes_.push_back(std::move(outcome));
  }

  std::string folder_;
  std::map<std::string, model::TableSchemaPtr> schemas_;
  std::vector<Outcome> outcomes_;
};

using Counts = std::map<std::string, int>;

/// A line a record, sorted: the two shapes hash keys to different partitions.
std::vector<std::string> lines_of(const Recording& recording) {
  std::vector<std::string> lines;
  for (const Outcome& outcome : recording.outcomes()) {
    std::string line = outcome.table + " " + outcome.kind + (outcome.row.is_snapshot ? " s " : " ");
    for (const std::size_t index : outcome.schema->key_columns) line += std::to_string(index) + ",";
    for (std::size_t i = 0; i < outcome.cells.size(); ++i) {
      const model::Column& column = outcome.schema->columns[i];
      line += " " + column.name + " " + model::to_string(column.type) + "=" + outcome.cells[i];
    }
    lines.push_back(line + " from " + outcome.moved_from + " to " + outcome.moved_to);
  }
  std::ranges::sort(lines);
  return lines;
}

struct Variant {
  const char* scenario;
  const char* name;
  Types types;
  Counts counts;
};

class RecordingTest : public testing::TestWithParam<Variant> {};

TEST_P(RecordingTest, EveryRecordBecomesWhatItIs) {
  const Variant& variant = GetParam();
  EXPECT_EQ(Recording(variant.scenario, variant.name, variant.types).counts(), variant.counts);
}

const Counts kSeed{{"r", 13}, {"c", 3}, {"u", 9}, {"d", 2}, {"tombstone", 2}};
const Counts kTransactions{{"r", 7}, {"c", 80}, {"u", 2009}, {"d", 2}, {"tombstone", 2}};
const Counts kMoves{{"r", 16}, {"c", 22}, {"u", 2}, {"d", 22}, {"tombstone", 22}};
const Counts kToast{{"r", 3}, {"c", 3}, {"u", 8}, {"d", 4}, {"tombstone", 4}};
const Counts kReplay{{"r", 10}, {"c", 353}, {"u", 351}};
const Counts kReplayTxn{{"r", 10}, {"c", 353}, {"u", 351}, {"transaction", 710}};
const Counts kPartitioned{{"r", 120}, {"c", 1183}, {"u", 604}, {"d", 1009}, {"tombstone", 1009}};

INSTANTIATE_TEST_SUITE_P(
    Corpus, RecordingTest,
    testing::Values(Variant{"a_seed", "plain", Types::kOfTheCatalog, kSeed},
                    Variant{"a_seed", "schema", Types::kOfTheMessages, kSeed},
                    Variant{"b_txn", "plain", Types::kOfTheCatalog, kTransactions},
                    Variant{"b_txn", "schema", Types::kOfTheMessages, kTransactions},
                    Variant{"c_pkmove", "plain", Types::kOfTheCatalog, kMoves},
                    Variant{"c_pkmove", "schema", Types::kOfTheMessages, kMoves},
                    Variant{"d_toast", "plain", Types::kOfTheCatalog, kToast},
                    Variant{"d_toast", "schema", Types::kOfTheMessages, kToast},
                    Variant{"d_toast", "hex", Types::kOfTheCatalog, kToast},
                    Variant{"k_replay", "plain", Types::kOfTheCatalog, kReplay},
                    Variant{"k_replay", "txn", Types::kOfTheMessages, kReplayTxn},
                    Variant{"l_partitioned_moves", "plain", Types::kOfTheCatalog, kPartitioned},
                    Variant{"l_partitioned_moves", "schema", Types::kOfTheMessages, kPartitioned}),
    [](const auto& test) { return std::string(test.param.scenario) + "_" + test.param.name; });

class TwoShapesTest : public testing::TestWithParam<const char*> {};

TEST_P(TwoShapesTest, SchemaBlockAndCatalogGiveTheSameRows) {
  const auto plain = lines_of(Recording(GetParam(), "plain", Types::kOfTheCatalog));
  const auto schema = lines_of(Recording(GetParam(), "schema", Types::kOfTheMessages));
  ASSERT_EQ(plain.size(), schema.size());
  for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(plain[i], schema[i]);
}

INSTANTIATE_TEST_SUITE_P(Corpus, TwoShapesTest,
                         testing::Values("a_seed", "b_txn", "c_pkmove", "d_toast",
                                         "l_partitioned_moves"),
                         [](const auto& test) { return std::string(test.param); });

/// The 16 bytes of a decimal, as `render` writes them.
std::string decimal(std::int64_t unscaled) {
  std::string bytes(16, unscaled < 0 ? '\xFF' : '\0');
  std::memcpy(bytes.data(), &unscaled, sizeof unscaled);
  return "0|0.000000|" + bytes;
}
std::string integer(std::int64_t value) { return std::to_string(value) + "|0.000000|"; }
std::string text(std::string_view value) { return "0|0.000000|" + std::string(value); }

TEST(RecordingValuesTest, ReadsRowAndMetadataOfASnapshotRecord) {
  const Recording recording("a_seed", "plain", Types::kOfTheCatalog);
  const Outcome& order = recording.at("orders", 0);
  EXPECT_EQ(order.schema->table, (model::TableId{"plain_a_seed", "sc_a_seed", "public", "orders"}));
  EXPECT_EQ(order.cells, (std::vector{integer(1), integer(2), decimal(1025), text("new"),
                                      integer(1'795'416'064'699'027), std::string("null")}));
  EXPECT_TRUE(order.row.is_snapshot);
  EXPECT_EQ(order.row.commit_ts_us, 1'795'416'065'544'771);
  EXPECT_EQ(order.row.lsn, 26'719'912);
  EXPECT_EQ(order.row.tx_id, 744);
  EXPECT_EQ(order.row.seq_commit, std::nullopt);
  EXPECT_EQ(order.row.seq_lsn, 26'719'912);
}

TEST(RecordingValuesTest, ReadsRowAndMetadataOfAStreamedRecord) {
  const Recording recording("a_seed", "plain", Types::kOfTheCatalog);
  const Outcome& order = recording.at("orders", 8);
  EXPECT_EQ(order.cell("amount"), decimal(-1230));
  EXPECT_FALSE(order.row.is_snapshot);
  EXPECT_EQ(order.row.seq_commit, 26'724'256);
  EXPECT_EQ(order.row.seq_lsn, 26'724'256);
}

TEST(RecordingValuesTest, KeepsIntegersDatesAndTextsOfKeysExact) {
  const Recording recording("c_pkmove", "schema", Types::kOfTheMessages);
  const Outcome& wide = recording.at("hk", 0);
  EXPECT_EQ(wide.cells,
            (std::vector{integer(9'007'199'254'740'993), integer(19'782), decimal(110)}));
  std::vector<std::string> keys;
  for (const Outcome& outcome : recording.outcomes()) {
    if (outcome.table == "tk") keys.push_back(outcome.cell("k"));
  }
  EXPECT_NE(std::ranges::find(keys, text("quote\" back\\slash \u00e9 tab\t")), keys.end());
  EXPECT_NE(std::ranges::find(keys, text("")), keys.end());
}

TEST(RecordingValuesTest, LinksBothHalvesOfAMoveOfACompositeKey) {
  const Recording recording("c_pkmove", "plain", Types::kOfTheCatalog);
  const auto is_move = [](const Outcome& outcome) {
    return outcome.table == "comp" && !outcome.moved_from.empty();
  };
  const auto arrival = std::ranges::find_if(recording.outcomes(), is_move);
  ASSERT_NE(arrival, recording.outcomes().end());
  // The key is (a, b), whatever the order of the table's columns.
  EXPECT_EQ(arrival->schema->key_columns, (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(arrival->moved_from, integer(1) + ";" + text("x") + ";");
  const Outcome& departure = *(arrival - 2);
  EXPECT_EQ(departure.kind, "d");
  EXPECT_EQ(departure.moved_to, integer(1) + ";" + text("z") + ";");
  EXPECT_EQ(departure.cells,
            (std::vector{text("x"), integer(1), std::string("unset"), std::string("unset")}));
  EXPECT_EQ((arrival - 1)->kind, "tombstone");
  EXPECT_EQ((arrival - 1)->moved_to, departure.moved_to);
}

TEST(RecordingValuesTest, RecognisesEveryMarkOfAnUnchangedValue) {
  for (const auto& [variant, unmarked] :
       {std::pair<const char*, std::vector<std::string>>{"plain", {"na", "tsa"}},
        {"schema", {"na", "tsa"}},
        {"hex", {"na", "tsa", "ba"}}}) {
    const Recording recording("d_toast", variant, Types::kOfTheCatalog);
    const Outcome& update = recording.at("toast", 3);
    for (const model::Column& column : update.schema->columns) {
      if (column.name == "id" || column.name == "small" || column.name == "nu") continue;
      const bool has_mark = std::ranges::find(unmarked, column.name) == unmarked.end();
      EXPECT_EQ(update.cell(column.name), has_mark ? "unchanged" : "null") << column.name;
    }
  }
}

TEST(RecordingValuesTest, TakesTheMarkForATextWhereItIsNotThePlaceholder) {
  const Recording plain("d_toast", "plain", Types::kOfTheCatalog);
  const Recording hex("d_toast", "hex", Types::kOfTheCatalog);
  EXPECT_EQ(plain.at("toast", 14).cell("t"), "unchanged");
  EXPECT_EQ(hex.at("toast", 14).cell("t"), text("__debezium_unavailable_value"));
}

TEST(RecordingValuesTest, GivesTheSameLongValuesInEveryMode) {
  const Recording plain("d_toast", "plain", Types::kOfTheCatalog);
  const Recording hex("d_toast", "hex", Types::kOfTheCatalog);
  for (const char* column : {"nu", "b", "h", "ba", "ia", "ua", "tsa", "jba", "ta"}) {
    EXPECT_EQ(plain.at("toast", 0).cell(column), hex.at("toast", 0).cell(column)) << column;
  }
  EXPECT_EQ(plain.at("toast", 0).cell("nu").size(), text("").size() + 30'002);
}

}  // namespace
}  // namespace cdclake::debezium
