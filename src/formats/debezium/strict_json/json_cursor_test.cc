#include "formats/debezium/strict_json/json_cursor.h"

#include <gtest/gtest.h>

#include <memory>

namespace cdclake::debezium {
namespace {

/// A padded copy of a text, and a cursor on it.
class Walk {
 public:
  explicit Walk(std::string_view text, int nesting_max = kNestingMax)
      : text_(std::string(text) + std::string(kPadding, '\0')),
        cursor_({text_.data(), text.size()}, nesting_max, arena_) {}
  JsonCursor* operator->() { return &cursor_; }
  JsonCursor& operator*() { return cursor_; }

 private:
  ByteArena arena_;
  std::string text_;
  JsonCursor cursor_;
};

bool is_json(std::string_view text) {
  Walk walk(text);
  return walk->skip() && walk->at_end();
}

std::string text_of(std::string_view json) {
  Walk walk(json);
  JsonToken token;
  return walk->read(token) && walk->at_end() ? std::string(token.text) : "broken";
}

TEST(JsonCursorTest, PassesEveryDocument) {
  for (const char* text : {"0", "-0", "12.5e-3", "1E+400", "true", "false", "null", R"("")",
                           R"("a\"\\\/\b\f\n\r\t\u00e9")", "[]", "{}", "[[],{}]",
                           R"({"a":{"b":[1,{"c":null}]},"d":""})", " \r\n\t[ 1 , 2 ] ",
                           R"({ "a" : 1 , "b" : [ ] })", R"({"":1,"":2})", R"("🎉 é")"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(JsonCursorTest, StopsAtWhatIsNone) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "\"",
                           "}",
                           "]",
                           ",",
                           ":",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "1e+",
                           "nul",
                           "nulll",
                           "True",
                           "NaN",
                           "Infinity",
                           "'a'",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[1}",
                           "{]",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({,"a":1})",
                           R"({"a" 1})",
                           R"({"a":1 "b":2})",
                           R"({a:1})",
                           R"({1:2})",
                           R"("\x")",
                           R"("\u12")",
                           R"("\u12g4")",
                           R"("\ud800")",
                           R"("\udc00")",
                           R"("\ud800\u0041")",
                           "\"\\",
                           "\"a\nb\"",
                           "\"a\tb\"",
                           "1 2",
                           "{}{}",
                           "[1]]",
                           "\xEF\xBB\xBF{}",
                           R"("a)",
                           R"("a\")",
                           "[1",
                           "[1,"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string("\"a\0b\"", 5)));
  EXPECT_FALSE(is_json(std::string("{}\0", 3)));
}

TEST(JsonCursorTest, TakesEscapesOutOfTexts) {
  EXPECT_EQ(text_of(R"("plain")"), "plain");
  EXPECT_EQ(text_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(R"("\u0041\u00e9\u20ac\ud83d\ude00")"), "A\u00e9\u20ac\U0001F600");
  EXPECT_EQ(text_of(R"("\uD83D\uDE00 after")"), "\U0001F600 after");
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string plain(before, 'x');
    std::string json = "\"";
    json.append(plain).append(R"(\n)").append(plain).append("\"");
    std::string text = plain;
    text.append("\n").append(plain);
    EXPECT_EQ(text_of(json), text) << before;
    EXPECT_EQ(text_of("\"" + plain + "\""), plain) << before;
  }
}

TEST(JsonCursorTest, KeepsWithinItsDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(is_json(nested(64)));
  Walk deeper(nested(65));
  EXPECT_FALSE(deeper->skip());
  EXPECT_EQ(deeper->trouble(), JsonCursor::Trouble::kTooDeep);
  Walk mixed(R"([{"a":[{"a":1}]}])", 3);
  EXPECT_FALSE(mixed->skip());
  EXPECT_EQ(mixed->trouble(), JsonCursor::Trouble::kTooDeep);
}

TEST(JsonCursorTest, WalksOverMembersAndItems) {
  Walk walk(R"({"a":[1,"x"],"b\n":{"c":2},"d":3})");
  std::string seen;
  bool is_first = true;
  ASSERT_EQ(walk->peek(), '{');
  ASSERT_TRUE(walk->enter());
  while (walk->next_member(is_first)) {
    std::string_view name;
    std::string_view value;
    ASSERT_TRUE(walk->take_name(name));
    ASSERT_TRUE(walk->skip(value));
    seen.append(name).append("=").append(value).append(";");
  }
  EXPECT_EQ(seen, "a=[1,\"x\"];b\n={\"c\":2};d=3;");
  EXPECT_TRUE(walk->at_end());
}

TEST(JsonCursorTest, ReadsWholeNumbersOnlyWhereTheyEnd) {
  const auto read = [](std::string_view text) {
    Walk walk(text);
    std::int64_t value = -1;
    return walk->try_integer(value) ? value : -1;
  };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("123456789012345678,"), 123456789012345678);
  EXPECT_EQ(read("-7]"), -7);
  for (const char* text : {"01", "1.5", "1e3", "1E3", "-", "", "\"1\"", "1234567890123456789"}) {
    EXPECT_EQ(read(text), -1) << text;
  }
}

}  // namespace
}  // namespace cdclake::debezium
