#include "platform/config/env_file.h"

#include <gtest/gtest.h>

namespace cdclake::config {
namespace {

TEST(EnvFileTest, TakesPlainQuotedAndExportedValues) {
  const EnvFile file = parse_env_file(
      "# a comment\n"
      "\n"
      "TOPICS = a,b \r\n"
      "export BATCH_SIZE=10\n"
      "SINGLE='it is # $HOME \\n'\n"
      "DOUBLE=\"a \\\"b\\\" \\\\ c\"\n"
      "EMPTY=\n"
      "URL=http://host/?a=b#c",
      "x.env");
  EXPECT_TRUE(file.faults.empty());
  const std::map<std::string, std::string> expected = {
      {"TOPICS", "a,b"}, {"BATCH_SIZE", "10"},       {"SINGLE", "it is # $HOME \\n"},
      {"EMPTY", ""},     {"DOUBLE", "a \"b\" \\ c"}, {"URL", "http://host/?a=b#c"}};
  EXPECT_EQ(file.variables, expected);
}

TEST(EnvFileTest, NamesTheLineOfAFaultAndNeverItsContent) {
  const EnvFile file = parse_env_file("A=1\nhunter2\nPASSWORD='hunter2\n1A=hunter2\n", "x.env");
  ASSERT_EQ(file.faults.size(), 3U);
  EXPECT_NE(to_string(file.faults[0]).find("line 2"), std::string::npos);
  for (const Fault& fault : file.faults) {
    EXPECT_EQ(to_string(fault).find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace cdclake::config
