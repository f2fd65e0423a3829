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
  for (const std::size_t size :
       {0U, 1U, 15U, 16U, 31U, 32U, 33U, 63U, 64U, 65U, 127U, 128U, 1000U}) {
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
      const std::string once = start + escaped;
      const std::string expected = start + plain;
      EXPECT_EQ(unescape(once), expected) << escaped << " after " << before;
      EXPECT_EQ(unescape(once + "yz"), expected + "yz");
      EXPECT_EQ(unescape(once + escaped), expected + plain);
    }
  }
}

TEST(JsonStringTest, RefusesWhatIsNoEscape) {
  for (const std::string escaped :
       {R"(\x)", R"(\u12)", R"(\u12g4)", R"(\uD800)", R"(\uD800x)", R"(\uD800\n)",
        R"(\uD800\u0041)", R"(\uDC00)", R"(\uDBFF\uDBFF)", R"(\U0041)", "\\\n"}) {
    for (const std::size_t before : {0U, 57U, 58U, 62U, 63U, 64U}) {
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
