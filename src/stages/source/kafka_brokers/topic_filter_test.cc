#include "stages/source/kafka_brokers/topic_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/source/kafka_brokers/kafka_source_config.h"

namespace cdclake::source {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TopicFilterTest, TakesNamesAsTheyAre) {
  const auto filter = TopicFilter::make({"a.b", "c_d-e"});
  ASSERT_TRUE(filter.has_value());
  EXPECT_THAT(filter->names(), ElementsAre("a.b", "c_d-e"));
  EXPECT_FALSE(filter->has_patterns());
  EXPECT_FALSE(filter->matches("a.b"));
}

TEST(TopicFilterTest, MatchesPatternsFromTheBeginningOfAName) {
  const auto filter = TopicFilter::make({"^shop\\.public\\.(users|orders)$", "^log"});
  ASSERT_TRUE(filter.has_value());
  EXPECT_TRUE(filter->matches("shop.public.users"));
  EXPECT_TRUE(filter->matches("logs"));
  EXPECT_FALSE(filter->matches("shop.public.users2"));
  EXPECT_FALSE(filter->matches("my.logs"));
  EXPECT_FALSE(filter->matches("shopXpublicXusers"));
}

TEST(TopicFilterTest, NamesWhatFitsNoTopic) {
  const auto filter = TopicFilter::make({"a", "b", "^shop[.]", "^log"});
  ASSERT_TRUE(filter.has_value());
  EXPECT_EQ(filter->without_topic({"a", "shop.users"}), "b,^log");
  EXPECT_EQ(filter->without_topic({}), "a,b,^shop[.],^log");
}

TEST(TopicFilterTest, NamesWhatIsNeitherNameNorPattern) {
  for (const std::string topic : {"", "a/b", "a b", "..", "a.*"}) {
    const auto filter = TopicFilter::make({"fine", topic});
    ASSERT_FALSE(filter.has_value()) << topic;
    EXPECT_EQ(filter.error().kind, ErrorKind::kInvalidConfig);
    EXPECT_THAT(filter.error().message, HasSubstr("TOPICS: not a name"));
  }
  EXPECT_FALSE(TopicFilter::make({std::string(250, 'a')}).has_value());
  const auto pattern = TopicFilter::make({"^(a"});
  ASSERT_FALSE(pattern.has_value());
  EXPECT_THAT(pattern.error().message, HasSubstr("TOPICS: not a pattern"));
}

TEST(KafkaSourceConfigTest, NeedsBrokersTopicsAndAGroup) {
  const KafkaSourceConfig fine{.brokers = {"b:9092"}, .topics = {"a"}};
  EXPECT_TRUE(fine.validate().has_value());
  KafkaSourceConfig config = fine;
  config.brokers.clear();
  EXPECT_THAT(config.validate().error().message, HasSubstr("KAFKA_BOOTSTRAP"));
  config = fine;
  config.topics = {"^("};
  EXPECT_THAT(config.validate().error().message, HasSubstr("TOPICS"));
  config = fine;
  config.group_id = "";
  EXPECT_THAT(config.validate().error().message, HasSubstr("KAFKA_GROUP_ID"));
}

}  // namespace
}  // namespace cdclake::source
