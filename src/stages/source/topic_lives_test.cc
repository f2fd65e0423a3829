#include "stages/source/topic_lives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cdclake::source {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TopicLivesTest, AnotherIdIsAnotherLifeAndSaidOnce) {
  TopicLives lives;
  EXPECT_EQ(lives.life_of({"t", "one", 1}), "one");
  EXPECT_THAT(lives.take_news(), IsEmpty());
  EXPECT_EQ(lives.life_of({"t", "two", 1}), "two");
  EXPECT_THAT(lives.take_news(), ElementsAre(HasSubstr("it is read from its beginning: topic=t")));
  EXPECT_EQ(lives.life_of({"t", "two", 1}), "two");
  EXPECT_THAT(lives.take_news(), IsEmpty());
}

TEST(TopicLivesTest, AnOldBrokersTopicHasOneLifeAlsoAfterItsUpgrade) {
  TopicLives lives;
  EXPECT_EQ(lives.life_of({"t", "", 1}), kLifeWithoutId);
  EXPECT_THAT(lives.take_news(), ElementsAre(HasSubstr("no ids")));
  EXPECT_EQ(lives.life_of({"t", "", 1}), kLifeWithoutId);
  EXPECT_THAT(lives.take_news(), IsEmpty());

  TopicLives after;
  after.know({"t", kLifeWithoutId, 0});
  EXPECT_EQ(after.life_of({"t", "an-id", 1}), kLifeWithoutId);
  EXPECT_THAT(after.take_news(), IsEmpty());
}

TEST(TopicLivesTest, SaysWhichTopicIsGone) {
  TopicLives lives;
  const auto gone = compare_topics({{"a", "one"}, {"b", "two"}}, {{"a", "one", 1}}, lives);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(gone.error().message, HasSubstr("topic=b"));
}

}  // namespace
}  // namespace cdclake::source
