#include "platform/config/setting_values.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "platform/config/shown_setting.h"

namespace cdclake::config {
namespace {

/// A file that goes with the test.
class TempFile {
 public:
  explicit TempFile(const std::string& content)
      : path_((std::filesystem::temp_directory_path() / random_hex_id()).string()) {
    std::ofstream(path_) << content;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Gathered {
  std::vector<Fault> faults;
  SettingValues values;
};

Gathered gather(const Inputs& inputs) {
  std::vector<Fault> faults;
  SettingValues values = SettingValues::gather(inputs, faults);
  return {std::move(faults), std::move(values)};
}

std::string all_of(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += to_string(fault) + "\n";
  return text;
}

TEST(SettingValuesTest, PrefersFlagsToEnvironmentToEnvFileToDefaults) {
  const TempFile file("TOPICS=file\nBATCH_SIZE=3\nFLUSH_SECONDS=3\n");
  const Gathered it = gather({.flags = {{"TOPICS", "flag"}},
                              .kafka_options = {},
                              .environment = {{"TOPICS", "environment"}, {"BATCH_SIZE", "2"}},
                              .env_file = file.path()});
  EXPECT_EQ(all_of(it.faults), "");
  EXPECT_EQ(it.values.of("TOPICS").text, "flag");
  EXPECT_EQ(to_string(it.values.of("TOPICS").origin), "flag");
  EXPECT_EQ(it.values.of("BATCH_SIZE").text, "2");
  EXPECT_EQ(it.values.of("FLUSH_SECONDS").text, "3");
  EXPECT_EQ(to_string(it.values.of("FLUSH_SECONDS").origin), "env-file " + file.path());
  EXPECT_EQ(it.values.of("WRITER_TYPE").text, "local");
  EXPECT_EQ(to_string(it.values.of("WRITER_TYPE").origin), "default");
}

TEST(SettingValuesTest, TakesAnEmptyVariableForNone) {
  const Gathered it = gather({.environment = {{"KAFKA_BOOTSTRAP", ""}}});
  EXPECT_EQ(it.values.of("KAFKA_BOOTSTRAP").text, "localhost:9092");
}

TEST(SettingValuesTest, ReportsEveryFaultAtOnce) {
  const Gathered it = gather({.environment = {{"BATCH_SIZE", "many"},
                                              {"FLUSH_SECONDS", "0"},
                                              {"WRITER_TYPE", "s3"},
                                              {"CDCLAKE_CATALOGUE", "x"}}});
  const std::string text = all_of(it.faults);
  EXPECT_EQ(it.faults.size(), 4U) << text;
  EXPECT_NE(text.find("BATCH_SIZE must be a whole number from 1 to 10000000, but is 'many' "
                      "(environment)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("WRITER_TYPE must be 'local', but is 's3'"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean CDCLAKE_CATALOG?"), std::string::npos) << text;
}

TEST(SettingValuesTest, LeavesVariablesOfOthersAlone) {
  const Gathered it = gather({.environment = {{"PATH", "/bin"}, {"CDCLAKE_FAILPOINT", "x"}}});
  EXPECT_EQ(all_of(it.faults), "");
}

TEST(SettingValuesTest, ReadsASecretFromItsFile) {
  const TempFile file("hunter2\n");
  const Gathered it = gather({.environment = {{"SOURCE_DB_PASSWORD_FILE", file.path()},
                                              {"CDCLAKE_KAFKA_SASL_PASSWORD_FILE", file.path()}}});
  EXPECT_EQ(all_of(it.faults), "");
  EXPECT_EQ(it.values.of("SOURCE_DB_PASSWORD").text, "hunter2");
  EXPECT_EQ(it.values.kafka_options().at("sasl.password").text, "hunter2");
}

TEST(SettingValuesTest, FaultsASecretThatIsSetTwiceOrWhoseFileIsMissing) {
  const Gathered twice = gather({.environment = {{"SOURCE_DB_PASSWORD", "hunter2"},
                                                 {"SOURCE_DB_PASSWORD_FILE", "/nowhere"}}});
  EXPECT_NE(all_of(twice.faults).find("beside SOURCE_DB_PASSWORD_FILE"), std::string::npos);
  const Gathered missing = gather({.environment = {{"SOURCE_DB_PASSWORD_FILE", "/nowhere"}}});
  EXPECT_NE(all_of(missing.faults).find("No such file"), std::string::npos);
}

TEST(SettingValuesTest, PassesKafkaOptionsThrough) {
  const Gathered it = gather({.kafka_options = {"fetch.min.bytes=2"},
                              .environment = {{"CDCLAKE_KAFKA_FETCH_MIN_BYTES", "1"},
                                              {"CDCLAKE_KAFKA_SECURITY_PROTOCOL", "SSL"}}});
  EXPECT_EQ(all_of(it.faults), "");
  EXPECT_EQ(it.values.kafka_options().at("fetch.min.bytes").text, "2");
  EXPECT_EQ(it.values.kafka_options().at("security.protocol").text, "SSL");
}

TEST(SettingValuesTest, RefusesKafkaOptionsThatPromisesStandOn) {
  const Gathered it = gather({.kafka_options = {"auto.offset.reset=latest", "nonsense"}});
  EXPECT_EQ(it.faults.size(), 2U) << all_of(it.faults);
}

TEST(SettingValuesTest, NeverShowsASecret) {
  const Gathered it =
      gather({.kafka_options = {"sasl.password=hunter2"},
              .environment = {{"SOURCE_DB_PASSWORD", "hunter2"},
                              {"CDCLAKE_KAFKA_SSL_KEY_PEM", "hunter2"},
                              {"CDCLAKE_CONNECTOR_CONFIG", "http://u:hunter2@h/c"}}});
  std::string text = all_of(it.faults);
  EXPECT_NE(text.find("--kafka sasl.password must not stand on the command line"),
            std::string::npos);
  for (const ShownSetting& shown : shown_settings(it.values)) text += shown.value + "\n";
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  EXPECT_NE(text.find("http://********@h/c"), std::string::npos) << text;
}

TEST(SettingValuesTest, EscapesControlCharactersInWhatItShows) {
  const Gathered it = gather({.environment = {{"WRITER_TYPE", "a\x1b[31m\n"}}});
  EXPECT_NE(all_of(it.faults).find("a\\x1b[31m\\x0a"), std::string::npos) << all_of(it.faults);
}

}  // namespace
}  // namespace cdclake::config
