#include "platform/config/setting.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "platform/config/nearest_word.h"

namespace cdclake::config {
namespace {

TEST(SettingTest, GivesEverySettingANameAndAFlagOfItsOwn) {
  std::set<std::string_view> names;
  for (const Setting& setting : all_settings()) {
    EXPECT_TRUE(names.insert(setting.key).second) << setting.key;
    EXPECT_FALSE(setting.help.empty()) << setting.key;
    if (setting.secrecy == Secrecy::kSecret) {
      EXPECT_TRUE(setting.flag.empty()) << setting.key << ": arguments are visible to everyone";
    } else {
      EXPECT_TRUE(names.insert(setting.flag).second) << setting.flag;
    }
  }
}

TEST(SettingTest, KeepsItsOwnRulesInItsDefaults) {
  for (const Setting& setting : all_settings()) {
    EXPECT_EQ(broken_rule(setting.rule, setting.default_value), std::nullopt) << setting.key;
  }
}

TEST(SettingTest, MasksWhateverItsNameCallsASecret) {
  for (const Setting& setting : all_settings()) {
    EXPECT_EQ(names_a_secret(setting.key), setting.secrecy == Secrecy::kSecret) << setting.key;
  }
  EXPECT_TRUE(names_a_secret("sasl.password"));
  EXPECT_TRUE(names_a_secret("SASL_JAAS_CONFIG"));
  EXPECT_TRUE(names_a_secret("ssl.key.pem"));
  EXPECT_FALSE(names_a_secret("ssl.key.location"));
  EXPECT_FALSE(names_a_secret("sasl.mechanism"));
}

TEST(SettingTest, HoldsWholeNumbersToTheirRange) {
  const Rule rule = Rule::whole_number(1, 100);
  EXPECT_EQ(broken_rule(rule, "100"), std::nullopt);
  for (const char* wrong : {"0", "101", "-1", "1.5", "5s", " 5", "99999999999999999999"}) {
    EXPECT_EQ(broken_rule(rule, wrong), "a whole number from 1 to 100") << wrong;
  }
}

TEST(SettingTest, RefusesAnObjectStoreAsAPath) {
  EXPECT_TRUE(broken_rule(Rule::path(), "s3://bucket/lake").has_value());
  EXPECT_FALSE(broken_rule(Rule::path(), "./data/bronze").has_value());
}

TEST(SettingTest, SuggestsOnlyWhatIsASlipAway) {
  const std::string_view names[] = {"CDCLAKE_CATALOG", "CDCLAKE_INCARNATION"};
  EXPECT_EQ(nearest_word("CDCLAKE_CATALOGUE", names), "CDCLAKE_CATALOG");
  EXPECT_EQ(nearest_word("CDCLAKE_SOMETHING", names), "");
}

std::string or_dash(std::string_view text) {
  return text.empty() ? "–" : "`" + std::string(text) + "`";
}

// docs/configuration.md holds this line for every setting.
std::string documented(const Setting& setting) {
  return "| `" + std::string(setting.key) + "` | " + or_dash(setting.flag) + " | " +
         or_dash(setting.default_value) + " | " + describe(setting.rule) + " | " +
         std::string(setting.help) + " |";
}

TEST(SettingTest, IsDocumentedLineByLine) {
  const char* root = std::getenv("CDCLAKE_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "set CDCLAKE_SOURCE_DIR to the root of the sources";
  std::ifstream file(std::string(root) + "/docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const Setting& setting : all_settings()) {
    EXPECT_NE(text.str().find(documented(setting) + "\n"), std::string::npos)
        << "docs/configuration.md lacks this line:\n"
        << documented(setting);
  }
  for (const std::string_view variable : tooling_variables()) {
    EXPECT_NE(text.str().find("`" + std::string(variable) + "`"), std::string::npos) << variable;
  }
}

}  // namespace
}  // namespace cdclake::config
