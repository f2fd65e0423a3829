#include "formats/recorded_topic/json_string.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

namespace cdclake::recorded_topic {
namespace {

/// Unescapes a string that is written without its quotes, in buffers no larger than asked for.
std::optional<std::string> unescape(const std::string& escaped) {
  const std::string text = escaped + "\"" + std::string(kUnescapeSlack, '"');
  std::string out(escaped.size() + kUnescapeSlack, '\0');
  const char* end = unescape_json_string(text.data(), out.data());
  if (end == nullptr) return std::nullopt;
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

TEST(JsonStringTest, GivesTextWithoutEscapesAsItIs) {
  for (const std::size_t size : {0, 1, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000}) {
    EXPECT_EQ(unescape(std::string(size, 'x')), std::string(size, 'x')) << size;
  }
}

TEST(JsonStringTest, KnowsEveryEscapeAtEveryPlaceOfABlock) {
  const std::pair<std::string, std::string> escapes[] = {
      {R"(\")", "\""},         {R"(\\)", "\\"},         {R"(\/)", "/"},
      {R"(\b)", "\b"},         {R"(\f)", "\f"},         {R"(\n)", "\n"},
      {R"(\r)", "\r"},         {R"(\t)", "\t"},         {R"(\u0041)", "A"},
      {R"(\u00e4)", "\u00e4"}, {R"(\u20AC)", "\u20ac"}, {R"(\ud83d\ude00)", "\U0001f600"},
      {R"(\\\")", "\\\""},     {R"(\\\\)", "\\\\"},     {R"(\u0000)", std::string(1, '\0')}};
  for (const auto& [escaped, plain] : escapes) {
    for (std::size_t before = 0; before < 140; ++before) {
      const std::string start(before, 'x');
      EXPECT_EQ(unescape(start + escaped), start + plain) << escaped << " after " << before;
      EXPECT_EQ(unescape(start + escaped + "yz"), start + plain + "yz");
      EXPECT_EQ(unescape(start + escaped + escaped), start + plain + plain);
    }
  }
}

TEST(JsonStringTest, RefusesWhatIsNoEscape) {
  for (const std::string escaped :
       {R"(\x)", R"(\u12)", R"(\u12g4)", R"(\uD800)", R"(\uD800x)", R"(\uD800\n)",
        R"(\uD800\u0041)", R"(\uDC00)", R"(\uDBFF\uDBFF)", R"(\U0041)", "\\\n"}) {
    for (const std::size_t before : {0, 57, 58, 62, 63, 64}) {
      EXPECT_EQ(unescape(std::string(before, 'x') + escaped), std::nullopt) << escaped;
    }
  }
}

TEST(JsonStringTest, UndoesRandomEscaping) {
  std::mt19937 random(20261124);
  const std::string alphabet = "ab\"\\\n\xC3\xA4";
  for (int round = 0; round < 5000; ++round) {
    std::string plain;
    std::string escaped;
    for (auto left = random() % 300; left > 0; --left) {
      const char c = alphabet[random() % alphabet.size()];
      plain += c;
      if (c == '\n') {
        escaped += "\\n";
      } else {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
      }
    }
    ASSERT_EQ(unescape(escaped), plain) << "round " << round;
  }
}

}  // namespace
}  // namespace cdclake::recorded_topic
