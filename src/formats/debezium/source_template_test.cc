#include "formats/debezium/source_template.h"

#include <gtest/gtest.h>

namespace cdclake::debezium {
namespace {

const model::TableId kTable{"src", "db", "public", "t"};

std::string source_text(const std::string& ts_ms, const std::string& sequence,
                        const std::string& lsn, const std::string& table = "t") {
  return R"({"version":"3.7.0.Final","name":"src","ts_ms":)" + ts_ms +
         R"(,"snapshot":null,"db":"db","sequence":)" + sequence +
         R"(,"ts_ns":1795416067456504000,"schema":"public","table":")" + table +
         R"(","txId":749,"lsn":)" + lsn + R"(,"xmin":null})";
}

/// Reads a source with the template alone; nothing where it does not fit.
std::optional<SourceBlock> read(SourceTemplate& known, const std::string& text) {
  static ByteArena arena;
  const std::string padded = text + std::string(kPadding, '\0');
  JsonCursor cursor({padded.data(), text.size()}, kNestingMax, arena);
  SourceBlock source;
  if (!known.read(cursor, &kTable, source)) {
    EXPECT_EQ(cursor.place(), padded.data());
    return std::nullopt;
  }
  EXPECT_TRUE(cursor.at_end());
  return source;
}

SourceBlock learned() {
  SourceBlock source;
  source.name = kTable.source;
  source.database = kTable.database;
  source.schema = kTable.schema;
  source.table = kTable.table;
  source.has_identity = true;
  source.ts_ms = 5;
  source.lsn = 1;
  return source;
}

TEST(SourceTemplateTest, FillsInTheNumbersThatChanged) {
  SourceTemplate known;
  known.learn(source_text("5", R"("[\"10\",\"11\"]")", "1"), learned());
  const auto source =
      read(known, source_text("1795416067456", R"("[\"26724200\",\"26724256\"]")", "26724256"));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->ts_ms, 1'795'416'067'456);
  EXPECT_EQ(source->seq_commit, 26'724'200);
  EXPECT_EQ(source->seq_lsn, 26'724'256);
  EXPECT_EQ(source->tx_id, 749);
  EXPECT_EQ(source->lsn, 26'724'256);
  EXPECT_EQ(source->ts_us, std::nullopt);
  EXPECT_EQ(source->table, "t");
  EXPECT_TRUE(source->is_as_expected);
}

TEST(SourceTemplateTest, KeepsWhatIsNoPlainNumber) {
  SourceTemplate known;
  SourceBlock source = learned();
  source.seq_lsn = 7;
  known.learn(source_text("\"5\"", R"("[null,\"7\"]")", "1"), source);
  const auto same = read(known, source_text("\"5\"", R"("[null,\"8\"]")", "2"));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->ts_ms, 5);
  EXPECT_EQ(same->seq_commit, std::nullopt);
  EXPECT_EQ(same->seq_lsn, 8);
}

TEST(SourceTemplateTest, DoesNotFitWhatSaysSomethingElse) {
  SourceTemplate known;
  const std::string sequence = R"("[\"10\",\"11\"]")";
  EXPECT_FALSE(read(known, source_text("5", sequence, "1")));
  known.learn(source_text("5", sequence, "1"), learned());
  EXPECT_FALSE(read(known, source_text("5", sequence, "1", "u")));
  EXPECT_FALSE(read(known, source_text("5", R"("[null,\"11\"]")", "1")));
  EXPECT_FALSE(read(known, source_text("5.5", sequence, "1")));
  EXPECT_FALSE(read(known, source_text("5", sequence, "-1")));
  EXPECT_FALSE(read(known, source_text("5", sequence, "null")));
  EXPECT_FALSE(read(known, source_text("5", sequence, "1").substr(0, 60)));
  EXPECT_TRUE(read(known, source_text("6", sequence, "2")));
}

TEST(SourceTemplateTest, TakesNoNumberOfAnInnerObjectForItsOwn) {
  SourceTemplate known;
  SourceBlock source = learned();
  source.lsn = std::nullopt;
  const std::string sequence = R"("[\"10\",\"11\"]")";
  const auto text = [&](const std::string& inner) {
    return source_text("5", sequence, R"({"ts_ms":)" + inner + R"(,"lsn":)" + inner + "}");
  };
  known.learn(text("1"), source);
  EXPECT_FALSE(read(known, text("2")));
  const auto same = read(known, text("1"));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->ts_ms, 5);
  EXPECT_EQ(same->lsn, std::nullopt);
}

TEST(SourceTemplateTest, TakesNothingButANumberForNanoseconds) {
  SourceTemplate known;
  const std::string sequence = R"("[\"10\",\"11\"]")";
  std::string text = source_text("5", sequence, "1");
  known.learn(text, learned());
  const std::string number = "1795416067456504000";
  for (const char* other : {"[1]", "\"1\"", "null", "{}"}) {
    std::string changed = text;
    changed.replace(changed.find(number), number.size(), other);
    EXPECT_FALSE(read(known, changed)) << other;
  }
  text.replace(text.find(number), number.size(), "7");
  EXPECT_TRUE(read(known, text));
}

}  // namespace
}  // namespace cdclake::debezium
