#include "formats/debezium/table_plans/connector_settings.h"

#include <gtest/gtest.h>

namespace cdclake::debezium {
namespace {

TEST(ConnectorSettingsTest, DefaultsAreDebeziums) {
  const auto settings = ConnectorSettings::from_properties({{"tasks.max", "1"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->decimal, DecimalMode::kPrecise);
  EXPECT_EQ(settings->time, TimePrecisionMode::kAdaptive);
  EXPECT_EQ(settings->binary, BinaryMode::kBytes);
  EXPECT_EQ(settings->hstore, HstoreMode::kJson);
  EXPECT_EQ(settings->placeholder, "__debezium_unavailable_value");
  EXPECT_EQ(settings->signal_table, "");
}

TEST(ConnectorSettingsTest, ReadsWhatDecidesSpellings) {
  const auto settings =
      ConnectorSettings::from_properties({{"decimal.handling.mode", "string"},
                                          {"time.precision.mode", "isostring"},
                                          {"binary.handling.mode", "base64-url-safe"},
                                          {"hstore.handling.mode", "map"},
                                          {"unavailable.value.placeholder", "hex:34D2"},
                                          {"signal.data.collection", "lab.dbz_signal"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->decimal, DecimalMode::kString);
  EXPECT_EQ(settings->time, TimePrecisionMode::kIsoString);
  EXPECT_EQ(settings->binary, BinaryMode::kBase64UrlSafe);
  EXPECT_EQ(settings->hstore, HstoreMode::kMap);
  EXPECT_EQ(settings->placeholder, "4\xD2");
  EXPECT_EQ(settings->signal_table, "lab.dbz_signal");
}

TEST(ConnectorSettingsTest, ReadsHowTheConverterWritesDecimals) {
  const auto format_of = [](const char* word) {
    return ConnectorSettings::from_properties({{"value.converter.decimal.format", word}})
        .value()
        .decimal_format;
  };
  EXPECT_EQ(ConnectorSettings{}.decimal_format, DecimalFormat::kBase64);
  EXPECT_EQ(format_of("BASE64"), DecimalFormat::kBase64);
  EXPECT_EQ(format_of("NUMERIC"), DecimalFormat::kNumeric);
  EXPECT_EQ(format_of("numeric"), DecimalFormat::kNumeric);
  const ConnectorSettings settings{.decimal_format = DecimalFormat::kNumeric};
  const auto again = ConnectorSettings::from_properties(settings.to_properties());
  EXPECT_EQ(again.value().decimal_format, DecimalFormat::kNumeric);
}

TEST(ConnectorSettingsTest, RefusesKeysThatNeedNotBeUnique) {
  const auto settings =
      ConnectorSettings::from_properties({{"message.key.columns", "public.t:name"}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_NE(settings.error().message.find("message.key.columns"), std::string::npos);
  EXPECT_TRUE(ConnectorSettings::from_properties({{"message.key.columns", ""}}));
}

TEST(ConnectorSettingsTest, NamesASettingWhoseValueItDoesNotKnow) {
  const auto settings = ConnectorSettings::from_properties({{"decimal.handling.mode", "exact"}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_EQ(settings.error().message,
            "connector setting decimal.handling.mode must be one of precise, string, double: it is "
            "\"exact\"");
  EXPECT_FALSE(ConnectorSettings::from_properties({{"unavailable.value.placeholder", "hex:3"}}));
  EXPECT_FALSE(ConnectorSettings::from_properties({{"unavailable.value.placeholder", ""}}));
}

}  // namespace
}  // namespace cdclake::debezium
