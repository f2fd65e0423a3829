#include "platform/config/without_secrets.h"

#include <gtest/gtest.h>

#include "platform/config/fault.h"

namespace cdclake::config {
namespace {

TEST(WithoutSecretsTest, MasksWhoAsksHoweverThePasswordLooks) {
  EXPECT_EQ(without_secrets("http://u:hunter2@h/c"), "http://********@h/c");
  EXPECT_EQ(without_secrets("s3://KEY:hun/ter2@b/c"), "s3://********@b/c");
  EXPECT_EQ(without_secrets("http://u:hunt@er2@h"), "http://********@h");
  EXPECT_EQ(without_secrets("http://u:hunter2?@h/c"), "http://********@h/c");
  EXPECT_EQ(without_secrets("postgresql://h/d?user=u&password=hunter2"),
            "postgresql://h/d?********");
}

TEST(WithoutSecretsTest, LeavesTheRestAsItIs) {
  for (const char* text : {"", "data/lake", "u@h", "http://h:8083/c?x=1", "a:9092,b:9092"}) {
    EXPECT_EQ(without_secrets(text), text);
  }
}

TEST(WithoutSecretsTest, HoldsForFaultsToo) {
  const Fault fault{"CDCLAKE_CATALOG", "must be a path", "https://u:hunter2@h/c.json", ""};
  EXPECT_EQ(to_string(fault), "CDCLAKE_CATALOG must be a path, but is 'https://********@h/c.json'");
}

}  // namespace
}  // namespace cdclake::config
