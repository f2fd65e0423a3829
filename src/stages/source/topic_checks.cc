#include "stages/source/topic_checks.h"

#include <algorithm>

namespace cdclake::source {

Status check_same_topics(const std::map<std::string, std::string>& read,
                         const std::vector<TopicDescription>& topics) {
  for (const auto& [name, id] : read) {
    const auto topic = std::ranges::find(topics, name, &TopicDescription::name);
    if (topic == topics.end()) {
      return fail(ErrorKind::kUnavailable,
                  "the topic is gone, deleted while it was read (make it again, or take it out of "
                  "TOPICS): topic=" +
                      name);
    }
    if (topic->id != id) {
      return fail(ErrorKind::kConflict,
                  "the topic was deleted and made again while it was read; start again to read "
                  "the new one: topic=" +
                      name);
    }
  }
  return {};
}

}  // namespace cdclake::source
