#include "app/terminal/json_writer.h"

#include <gtest/gtest.h>

namespace cdclake::terminal {
namespace {

TEST(JsonWriterTest, WritesInTheOrderOfTheCalls) {
  JsonWriter json;
  json.begin_object().key("a").value(1).key("b").begin_array().value("x").null().end_array();
  json.key("c").begin_object().end_object().key("d").truth(true).end_object();
  EXPECT_EQ(
      json.text(),
      "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    null\n  ],\n  \"c\": {},\n  \"d\": true\n}\n");
}

TEST(JsonWriterTest, EscapesWhatJsonCannotHold) {
  JsonWriter json;
  json.value("q\" b\\ n\n z\xc3\xab \xff");
  EXPECT_EQ(json.text(), "\"q\\\" b\\\\ n\\u000a z\xc3\xab \xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace cdclake::terminal
