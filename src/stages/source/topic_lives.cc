#include "stages/source/topic_lives.h"

#include <algorithm>
#include <utility>

namespace cdclake::source {

std::string TopicLives::life_of(const TopicDescription& topic) {
  std::set<std::string>& lives = known_[topic.name];
  if (topic.id.empty()) {
    if (without_id_.insert(topic.name).second) {
      news_.push_back(
          "the broker gives topics no ids (it is older than Kafka 2.8): that a topic is deleted "
          "and "
          "made again is only noticed where it ends before our position: topic=" +
          topic.name);
    }
    lives.insert(kLifeWithoutId);
    return kLifeWithoutId;
  }
  if (lives.contains(topic.id)) return topic.id;
  if (lives.contains(kLifeWithoutId)) return kLifeWithoutId;
  if (!lives.empty()) {
    news_.push_back(
        "the topic is not the one that was read before (it was deleted and made again, or is of "
        "another cluster); it is read from its beginning: topic=" +
        topic.name + " incarnation=" + topic.id);
  }
  lives.insert(topic.id);
  return topic.id;
}

std::vector<std::string> TopicLives::take_news() { return std::exchange(news_, {}); }

Result<Topics> compare_topics(const std::map<std::string, std::string>& read,
                              const std::vector<TopicDescription>& topics, TopicLives& lives) {
  Topics found = Topics::kAreTheSame;
  for (const auto& [name, life] : read) {
    const auto topic = std::ranges::find(topics, name, &TopicDescription::name);
    if (topic == topics.end()) {
      return fail(ErrorKind::kUnavailable,
                  "the topic is gone, deleted while it was read (make it again, or take it out of "
                  "TOPICS): topic=" +
                      name);
    }
    if (lives.life_of(*topic) != life) found = Topics::kWereMadeAgain;
  }
  return found;
}

}  // namespace cdclake::source
