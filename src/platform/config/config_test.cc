#include "platform/config/config.h"

#include <gtest/gtest.h>

namespace cdclake::config {
namespace {

Loaded load_from(std::map<std::string, std::string> environment,
                 Purpose purpose = Purpose::kReadRecords, std::vector<std::string> files = {}) {
  return load({.environment = std::move(environment)}, files, purpose);
}

TEST(ConfigTest, NeedsTopicsOnlyToReadFromKafka) {
  const Loaded none = load_from({});
  ASSERT_FALSE(none.status().has_value());
  EXPECT_EQ(none.status().error().kind, ErrorKind::kInvalidConfig);
  EXPECT_NE(none.status().error().message.find("TOPICS must name at least one topic"),
            std::string::npos);
  EXPECT_TRUE(load_from({}, Purpose::kReadRecords, {"a.jsonl"}).status().has_value());
  EXPECT_TRUE(load_from({}, Purpose::kWorkInLake).status().has_value());
}

TEST(ConfigTest, HandsKafkaItsBrokersTopicsAndOptions) {
  const Loaded it = load_from({{"TOPICS", "a.b, ^c.*,"},
                               {"KAFKA_BOOTSTRAP", "one:9092,two:9092"},
                               {"CDCLAKE_KAFKA_FETCH_MIN_BYTES", "7"}});
  ASSERT_TRUE(it.status().has_value()) << it.status().error().message;
  const auto& kafka = std::get<KafkaConfig>(it.config.source);
  EXPECT_EQ(kafka.topics, (std::vector<std::string>{"a.b", "^c.*"}));
  EXPECT_EQ(kafka.brokers, (std::vector<std::string>{"one:9092", "two:9092"}));
  EXPECT_EQ(kafka.librdkafka.at("fetch.min.bytes"), "7");
}

TEST(ConfigTest, TakesRecordingsInsteadOfKafka) {
  const Loaded it = load_from({{"CDCLAKE_INCARNATION", "second"}, {"TOPICS", "a"}},
                              Purpose::kReadRecords, {"one.jsonl", "-"});
  const auto& recorded = std::get<RecordedConfig>(it.config.source);
  EXPECT_EQ(recorded.files, (std::vector<std::string>{"one.jsonl", "-"}));
  EXPECT_EQ(recorded.incarnation, "second");
}

TEST(ConfigTest, GivesNumbersTheirUnits) {
  const Loaded it = load_from({{"BATCH_SIZE", "10"}, {"FLUSH_SECONDS", "2"}}, Purpose::kWorkInLake);
  EXPECT_EQ(it.config.bronze.batch_rows_max, 10);
  EXPECT_EQ(it.config.bronze.flush_after, std::chrono::seconds(2));
  EXPECT_EQ(it.config.bronze.run_time_max, std::chrono::hours(1));
  EXPECT_EQ(it.config.lake.grace, std::chrono::hours(24));
}

TEST(ConfigTest, NeedsTheRestOfADatabaseOnceItsHostIsNamed) {
  const Loaded it = load_from({{"SOURCE_DB_HOST", "db"}}, Purpose::kWorkInLake);
  EXPECT_EQ(it.faults.size(), 2U);
  EXPECT_FALSE(load_from({}, Purpose::kReadDatabase).faults.empty());
}

TEST(ConfigTest, RefusesALakeWhoseRootsHoldEachOther) {
  for (const auto& [bronze, silver] : {std::pair{"lake", "lake"},
                                       {"lake", "./lake/silver"},
                                       {"./", "silver"},
                                       {"a/../lake/bronze", "lake"}}) {
    const Loaded it = load_from({{"BRONZE_BASE_PATH", bronze}, {"SILVER_BASE_PATH", silver}},
                                Purpose::kWorkInLake);
    EXPECT_EQ(it.faults.size(), 1U) << bronze << " " << silver;
  }
  EXPECT_TRUE(
      load_from({{"BRONZE_BASE_PATH", "lake"}, {"SILVER_BASE_PATH", "lake2"}}, Purpose::kWorkInLake)
          .faults.empty());
}

}  // namespace
}  // namespace cdclake::config
