#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_cluster.h"

namespace cdclake::source {

/// The incarnation of topics whose broker gives them no id (before Kafka 2.8): all that such a
/// topic ever was is one life. It goes on under this name when its broker learns to give ids.
inline constexpr const char* kLifeWithoutId = "no-topic-id";

/// Which life of a topic is read, by the ids that brokers give. A topic that was deleted and made
/// again has another id; its offsets begin anew.
class TopicLives {
 public:
  /// A life that was read before.
  void know(const model::PartitionId& partition) {
    known_[partition.topic].insert(partition.incarnation);
  }

  /// The incarnation under which the topic is read. What is worth saying of it is said once.
  std::string life_of(const TopicDescription& topic);
  /// Sentences for the log since the last call.
  std::vector<std::string> take_news();

 private:
  std::map<std::string, std::set<std::string>> known_;  ///< Incarnations by topic.
  std::set<std::string> without_id_;
  std::vector<std::string> news_;
};

/// What became of the topics that are read.
enum class Topics : std::uint8_t { kAreTheSame, kWereMadeAgain };

/// `read` names the topics that are read and under which incarnations, `lives` what they are now.
/// kUnavailable where one is gone: a retry reads those that are left.
Result<Topics> compare_topics(const std::map<std::string, std::string>& read,
                              const std::vector<TopicDescription>& topics, TopicLives& lives);

}  // namespace cdclake::source
