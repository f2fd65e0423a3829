#include "stages/source/kafka_source.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "stages/source/kafka_batch.h"
#include "stages/source/kafka_cluster.h"
#include "stages/source/kafka_handles.h"
#include "stages/source/kafka_partitions.h"
#include "stages/source/partition_start.h"
#include "stages/source/topic_checks.h"
#include "stages/source/topic_filter.h"

namespace cdclake::source {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRefreshWaitMax{
    2'000};  // A poll takes no longer than this and its own wait.

/// Whether the partitions' ends are those that `--once` reads up to.
enum class Ends : std::uint8_t { kSeenAtStart, kSeenLater };

struct StartingPartition {
  model::PartitionId id;
  PartitionStart start;
  std::optional<std::int64_t> first_end;
};

std::string where(const rd_kafka_message_t& message) {
  return std::string(message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "") + " [" +
         std::to_string(message.partition) + "]";
}

}  // namespace

class KafkaSource::Impl {
 public:
  Impl(KafkaSourceConfig config, KafkaLog log, const Clock& clock)
      : config_(std::move(config)), log_(std::move(log)), clock_(clock) {}

  Status open(const std::vector<model::Position>& positions) {
    for (const model::Position& position : positions) {
      positions_[position.partition] = position.next_offset;
      known_topics_[position.partition.topic].insert(position.partition.incarnation);
    }
    CDCLAKE_ASSIGN_OR_RETURN(filter_, TopicFilter::make(config_.topics));
    CDCLAKE_ASSIGN_OR_RETURN(client_, KafkaClient::create(config_, log_));
    cluster_.emplace(*client_, clock_);
    const MonotonicTime deadline = clock_.monotonic() + config_.connect_wait_max;
    CDCLAKE_ASSIGN_OR_RETURN(const auto topics, cluster_->describe(*filter_, deadline));
    CDCLAKE_RETURN_IF_ERROR(check_topics_exist(topics));
    CDCLAKE_RETURN_IF_ERROR(start_new(topics, Ends::kSeenAtStart, deadline));
    messages_.reset(rd_kafka_queue_get_consumer(client_->get()));
    last_answer_ = clock_.monotonic();
    next_refresh_ = last_answer_ + config_.topic_refresh;
    return {};
  }

  /// An error comes after the records before it, and then stays: what a failed poll had already
  /// taken must never be passed over by the next one.
  Result<model::RecordBatch> poll(milliseconds wait_max) {
    batch_.clear();
    if (!failure_) failure_ = failure_of(read(wait_max));
    if (failure_ && batch_.record_count() == 0) return fail(failure_->kind, failure_->message);
    gaps_ = std::exchange(found_gaps_, {});
    ends_ = std::exchange(seen_ends_, {});
    partitions_.take_moved(moved_);
    return model::RecordBatch{.records = batch_.records(),
                              .positions = moved_,
                              .gaps = gaps_,
                              .ends = ends_,
                              .at_end = partitions_.all_reached()};
  }

  Status acknowledge(std::span<const model::PositionMove> committed) {
    const KafkaPartitionList offsets(
        rd_kafka_topic_partition_list_new(static_cast<int>(committed.size())));
    for (const model::PositionMove& move : committed) {
      const auto* partition = partitions_.find(move.partition.topic, move.partition.partition);
      if (partition == nullptr || partition->id != move.partition) continue;
      rd_kafka_topic_partition_list_add(offsets.get(), move.partition.topic.c_str(),
                                        move.partition.partition)
          ->offset = move.next;
    }
    if (offsets->cnt == 0) return {};
    const auto code = rd_kafka_commit(client_->get(), offsets.get(), /*async=*/1);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) client_->log_failed_commit(rd_kafka_err2str(code));
    return {};
  }

 private:
  static std::optional<Error> failure_of(Status status) {
    if (status) return std::nullopt;
    return std::move(status).error();
  }

  Status check_topics_exist(const std::vector<TopicDescription>& topics) const {
    std::vector<std::string> names;
    for (const TopicDescription& topic : topics) names.push_back(topic.name);
    const std::string missing = filter_->without_topic(names);
    if (topics.empty()) {
      return fail(ErrorKind::kUnavailable,
                  "cannot read Kafka: no topic has such a name (check it; a connector makes a "
                  "topic with its first event): TOPICS=" +
                      missing);
    }
    if (missing.empty()) return {};
    client_->log(KafkaLogLevel::kWarning,
                 "topics that do not exist yet are read as soon as they do: " + missing);
    return {};
  }

  /// Starts to read what is not read yet of these topics.
  Status start_new(const std::vector<TopicDescription>& topics, Ends which,
                   MonotonicTime deadline) {
    std::vector<model::PartitionId> added;
    for (const TopicDescription& topic : topics) {
      warn_of_new_life(topic);
      for (std::int32_t number = 0; number < topic.partition_count; ++number) {
        if (partitions_.find(topic.name, number) != nullptr) continue;
        added.push_back({topic.name, topic.id, number});
      }
    }
    if (added.empty()) return {};
    const WallTime asked = clock_.now();
    CDCLAKE_ASSIGN_OR_RETURN(const auto ends, cluster_->ends(added, deadline));
    std::vector<StartingPartition> starting;
    for (const model::PartitionId& id : added) {
      const auto found = ends.find({id.topic, id.partition});
      if (found == ends.end()) {
        return fail(ErrorKind::kUnavailable,
                    "cannot read Kafka: no broker knows the offsets of a partition: partition=" +
                        display(id));
      }
      CDCLAKE_ASSIGN_OR_RETURN(
          auto start, decide_start(id, stored_position(id), found->second, config_.on_data_loss));
      std::optional<std::int64_t> end;
      if (which == Ends::kSeenAtStart) end = found->second.stable_end;
      starting.push_back({.id = id, .start = std::move(start), .first_end = end});
    }
    CDCLAKE_RETURN_IF_ERROR(assign(std::move(starting)));
    note_ends(ends, asked);
    return {};
  }

  /// Where a partition was read to its end, nothing after its last record is ever given: that is
  /// then the end, since a position moves over markers of transactions only with the next record.
  void note_ends(const PartitionEndsByName& ends, WallTime asked) {
    for (const auto& [name, end] : ends) {
      const KafkaPartition* partition = partitions_.find(name.first, name.second);
      if (partition == nullptr) continue;
      const bool is_read = partition->next_offset >= end.stable_end;
      seen_ends_.push_back({.partition = partition->id,
                            .next_offset = is_read ? partition->given_next : end.stable_end,
                            .seen_us = asked.time_since_epoch().count()});
    }
  }

  std::optional<std::int64_t> stored_position(const model::PartitionId& id) const {
    const auto found = positions_.find(id);
    if (found == positions_.end()) return std::nullopt;
    return found->second;
  }

  void warn_of_new_life(const TopicDescription& topic) {
    const auto lives = known_topics_.find(topic.name);
    if (lives == known_topics_.end() || !lives->second.insert(topic.id).second) return;
    client_->log(KafkaLogLevel::kWarning,
                 "the topic is not the one that was read before (it was deleted and made again, or "
                 "is of another cluster); it is read from its beginning: " +
                     topic.name);
  }

  Status assign(std::vector<StartingPartition> starting) {
    const KafkaPartitionList list(
        rd_kafka_topic_partition_list_new(static_cast<int>(starting.size())));
    for (const StartingPartition& partition : starting) {
      rd_kafka_topic_partition_list_add(list.get(), partition.id.topic.c_str(),
                                        partition.id.partition)
          ->offset = partition.start.offset;
    }
    rd_kafka_error_t* error = rd_kafka_incremental_assign(client_->get(), list.get());
    if (error != nullptr) {
      const std::string why = client_->masked(rd_kafka_error_string(error));
      rd_kafka_error_destroy(error);
      return fail(ErrorKind::kUnavailable, "cannot start to read Kafka's partitions: " + why);
    }
    for (const StartingPartition& partition : starting) add(partition);
    return {};
  }

  /// A gap moves the partition too, even when no record follows.
  void add(const StartingPartition& starting) {
    const auto& gap = starting.start.gap;
    KafkaPartition& partition =
        partitions_.add({.id = starting.id,
                         .next_offset = gap ? gap->range.first : starting.start.offset,
                         .given_next = starting.start.offset,
                         .first_end = starting.first_end});
    partitions_.advance(partition, starting.start.offset);
    if (gap) found_gaps_.push_back(*gap);
  }

  /// Looks for new partitions and topics, and for topics that were made again. That the brokers do
  /// not answer now is no error: they are asked again, for a while.
  Status refresh() {
    next_refresh_ = clock_.monotonic() + config_.topic_refresh;
    const MonotonicTime deadline = clock_.monotonic() + kRefreshWaitMax;
    auto topics = cluster_->describe(*filter_, deadline);
    if (!topics && topics.error().kind == ErrorKind::kUnavailable &&
        clock_.monotonic() - last_answer_ < config_.outage_max) {
      client_->log(KafkaLogLevel::kWarning, topics.error().message);
      return {};
    }
    if (!topics) return fail(topics.error().kind, topics.error().message);
    last_answer_ = clock_.monotonic();
    CDCLAKE_RETURN_IF_ERROR(check_same_topics(partitions_.incarnations(), *topics));
    const Status looked = [&]() -> Status {
      CDCLAKE_RETURN_IF_ERROR(look_for_ends(*topics, deadline));
      return start_new(*topics, Ends::kSeenLater, deadline);
    }();
    if (looked || looked.error().kind != ErrorKind::kUnavailable) return looked;
    client_->log(KafkaLogLevel::kWarning, looked.error().message);
    return {};
  }

  Status look_for_ends(const std::vector<TopicDescription>& topics, MonotonicTime deadline) {
    std::vector<model::PartitionId> read;
    for (const TopicDescription& topic : topics) {
      for (std::int32_t number = 0; number < topic.partition_count; ++number) {
        const KafkaPartition* partition = partitions_.find(topic.name, number);
        if (partition != nullptr) read.push_back(partition->id);
      }
    }
    const WallTime asked = clock_.now();
    CDCLAKE_ASSIGN_OR_RETURN(const auto ends, cluster_->ends(read, deadline));
    note_ends(ends, asked);
    return {};
  }

  /// Waits for the first message only, then takes what is there.
  Status read(milliseconds wait_max) {
    client_->serve();
    if (clock_.monotonic() >= next_refresh_) CDCLAKE_RETURN_IF_ERROR(refresh());
    CDCLAKE_ASSIGN_OR_RETURN(std::size_t taken, take(1, wait_max));
    while (taken > 0) {
      const auto room = batch_.room_in(config_.batch_records_max, config_.batch_bytes_max);
      if (room == 0) break;
      CDCLAKE_ASSIGN_OR_RETURN(taken, take(room, milliseconds(0)));
    }
    return {};
  }

  Result<std::size_t> take(std::size_t count_max, milliseconds wait_max) {
    taken_.resize(count_max);
    const ssize_t count = rd_kafka_consume_batch_queue(
        messages_.get(), static_cast<int>(wait_max.count()), taken_.data(), taken_.size());
    if (count <= 0) return 0;
    taken_.resize(static_cast<std::size_t>(count));
    for (rd_kafka_message_t* message : taken_) batch_.keep(message);
    for (const rd_kafka_message_t* message : taken_) CDCLAKE_RETURN_IF_ERROR(note(*message));
    return taken_.size();
  }

  Status note(const rd_kafka_message_t& message) {
    auto* partition = message.rkt == nullptr
                          ? nullptr
                          : partitions_.find(rd_kafka_topic_name(message.rkt), message.partition);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return note_error(message, partition);
    if (partition == nullptr) return {};
    if (message.offset < partition->next_offset) {
      return fail(ErrorKind::kCorrupt,
                  "cannot read Kafka: its offsets went back: partition=" + where(message) +
                      " offset=" + std::to_string(message.offset));
    }
    CDCLAKE_RETURN_IF_ERROR(batch_.add_record(message, partition->id));
    partitions_.advance(*partition, message.offset + 1);
    partition->given_next = message.offset + 1;
    return {};
  }

  Status note_error(const rd_kafka_message_t& message, KafkaPartition* partition) {
    const std::string text = client_->masked(rd_kafka_message_errstr(&message));
    switch (message.err) {
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        // Past the markers and the aborted records at the end, which are never given.
        if (partition != nullptr) partitions_.advance(*partition, message.offset);
        return {};
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        if (partition != nullptr) return explain_lost_offset(*partition);
        return fail(ErrorKind::kUnavailable, "cannot read Kafka: " + text);
      case RD_KAFKA_RESP_ERR__LOG_TRUNCATION:
        return fail(ErrorKind::kConflict,
                    "cannot go on reading Kafka: the partition lost records "
                    "that were read (an unclean leader election): " +
                        text);
      case RD_KAFKA_RESP_ERR__BAD_MSG:
      case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      case RD_KAFKA_RESP_ERR_INVALID_MSG:
        return fail(ErrorKind::kCorrupt, "cannot read Kafka: damaged records: " + text +
                                             ": partition=" + where(message));
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        return fail(ErrorKind::kInvalidConfig,
                    "cannot read Kafka: " + text + ": partition=" + where(message));
      case RD_KAFKA_RESP_ERR__FATAL:
        return fail(ErrorKind::kUnavailable, "cannot go on reading Kafka: " + text);
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
      case RD_KAFKA_RESP_ERR_INCONSISTENT_TOPIC_ID:
        next_refresh_ = clock_.monotonic();  // Deleted, and perhaps made again.
        [[fallthrough]];
      default:
        client_->log(KafkaLogLevel::kWarning, text + ": partition=" + where(message));
        return {};
    }
  }

  /// The broker does not have the next offset: the topic is another one, or records are gone.
  Status explain_lost_offset(const KafkaPartition& partition) {
    CDCLAKE_RETURN_IF_ERROR(refresh());
    const MonotonicTime deadline = clock_.monotonic() + kRefreshWaitMax;
    CDCLAKE_ASSIGN_OR_RETURN(const auto ends, cluster_->ends({partition.id}, deadline));
    const auto found = ends.find({partition.id.topic, partition.id.partition});
    if (found != ends.end()) {
      CDCLAKE_RETURN_IF_ERROR(
          decide_start(partition.id, partition.next_offset, found->second, config_.on_data_loss));
    }
    return fail(ErrorKind::kUnavailable,
                "records expired while they were being read; start again to go on after the gap: "
                "partition=" +
                    display(partition.id));
  }

  KafkaSourceConfig config_;
  KafkaLog log_;
  const Clock& clock_;
  std::map<model::PartitionId, std::int64_t> positions_;       ///< As given at the start.
  std::map<std::string, std::set<std::string>> known_topics_;  ///< Their incarnations.
  std::optional<TopicFilter> filter_;
  std::optional<KafkaClient> client_;
  std::optional<KafkaCluster> cluster_;
  KafkaPartitions partitions_;
  std::vector<rd_kafka_message_t*> taken_;
  std::vector<model::Gap> found_gaps_;  ///< For the next batch.
  std::vector<model::Gap> gaps_;
  std::vector<model::PartitionEnd> seen_ends_;  ///< For the next batch.
  std::vector<model::PartitionEnd> ends_;
  std::vector<model::Position> moved_;
  MonotonicTime next_refresh_{};
  MonotonicTime last_answer_{};
  std::optional<Error> failure_;
  // These two borrow from the client and go before it.
  KafkaQueue messages_;
  KafkaBatch batch_;
};

KafkaSource::KafkaSource(KafkaSourceConfig config, KafkaLog log, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(log), clock)) {}

KafkaSource::~KafkaSource() = default;

Status KafkaSource::open(const std::vector<model::Position>& positions) {
  return impl_->open(positions);
}

Result<model::RecordBatch> KafkaSource::poll(milliseconds wait_max) {
  return impl_->poll(wait_max);
}

Status KafkaSource::acknowledge(std::span<const model::PositionMove> committed) {
  return impl_->acknowledge(committed);
}

}  // namespace cdclake::source
