#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/partition.h"
#include "stages/source/kafka_brokers/kafka_client.h"
#include "stages/source/kafka_brokers/kafka_cluster.h"
#include "stages/source/kafka_brokers/kafka_source_config.h"
#include "stages/source/kafka_brokers/topic_filter.h"
#include "stages/source/kafka_partitions.h"
#include "stages/source/pinned_ends.h"
#include "stages/source/topic_lives.h"

namespace cdclake::source {

/// What is known of a Kafka source's partitions, whatever becomes of its client.
struct KafkaKnowledge {
  std::map<model::PartitionId, model::Position> positions{};  ///< From which to go on.
  TopicLives lives{};
  PinnedEnds pins;
  std::map<model::PartitionId, std::int64_t> seen_ends{};  ///< Stable ends, when last asked for.
  // For the next batch:
  std::vector<model::Gap> gaps{};
  std::vector<model::PartitionEnd> ends{};
  std::map<model::PartitionId, model::PartitionStop> stops{};
  bool stops_changed = false;
};

/// Reading of partitions with one client, from its start to the end of that client: which topics
/// and partitions there are, where each begins, which of them stopped. Not thread-safe.
class KafkaReading {
 public:
  /// All of them outlive the reading.
  KafkaReading(const KafkaSourceConfig& config, const TopicFilter& filter, const Clock& clock,
               KafkaKnowledge& knowledge)
      : config_(config), filter_(filter), clock_(clock), knowledge_(knowledge) {}

  /// Starts to read every partition at its position, in at most `connect_wait_max`.
  Status start(KafkaLog log);

  /// Looks for new partitions and topics and for ends. kWereMadeAgain: nothing more may be taken.
  /// An error where the brokers have not answered for `outage_max`, or a topic is gone.
  Result<Topics> refresh();

  /// No record of the partition is taken from now on, and no other partition waits for it.
  void stop(KafkaPartition& partition, model::PartitionStop stop);

  /// Writes where its partitions stand into `knowledge`.
  void remember_positions();

  KafkaClient& client() { return *client_; }
  KafkaPartitions& partitions() { return partitions_; }

 private:
  /// Whether the partitions' ends are those that `--once` reads up to.
  enum class Ends : std::uint8_t { kSeenAtStart, kSeenLater };

  Status check_topics_exist(const std::vector<TopicDescription>& topics) const;
  Status start_new(const std::vector<TopicDescription>& topics, Ends which, MonotonicTime deadline);
  void lose_old_lives(const std::vector<TopicDescription>& topics);
  void add_stopped(const model::PartitionStop& stop);
  model::Position add(const model::PartitionId& id, const PartitionEnds& ends, Ends which,
                      const struct PartitionStart& start);
  Status look_for_ends(const std::vector<TopicDescription>& topics, MonotonicTime deadline);
  void note_ends(const PartitionEndsByName& ends, WallTime asked);
  void tell_news();

  const KafkaSourceConfig& config_;
  const TopicFilter& filter_;
  const Clock& clock_;
  KafkaKnowledge& knowledge_;
  std::optional<KafkaClient> client_;
  std::optional<KafkaCluster> cluster_;
  KafkaPartitions partitions_;
  MonotonicTime last_answer_{};
};

}  // namespace cdclake::source
