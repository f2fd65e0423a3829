#include "stages/source/kafka_reading.h"

#include <algorithm>
#include <string>
#include <utility>

#include "stages/source/kafka_brokers/kafka_assignment.h"
#include "stages/source/partition_start.h"

namespace cdclake::source {
namespace {

/// A poll takes no longer than this and its own wait.
constexpr std::chrono::milliseconds kRefreshWaitMax{2'000};

}  // namespace

Status KafkaReading::start(KafkaLog log) {
  CDCLAKE_ASSIGN_OR_RETURN(client_, KafkaClient::create(config_, std::move(log)));
  cluster_.emplace(*client_, clock_);
  knowledge_.stops.clear();
  knowledge_.stops_changed = true;
  const MonotonicTime deadline = clock_.monotonic() + config_.connect_wait_max;
  CDCLAKE_ASSIGN_OR_RETURN(const auto topics, cluster_->describe(filter_, deadline));
  CDCLAKE_RETURN_IF_ERROR(check_topics_exist(topics));
  CDCLAKE_RETURN_IF_ERROR(start_new(topics, Ends::kSeenAtStart, deadline));
  lose_old_lives(topics);
  last_answer_ = clock_.monotonic();
  return {};
}

Status KafkaReading::check_topics_exist(const std::vector<TopicDescription>& topics) const {
  std::vector<std::string> names;
  for (const TopicDescription& topic : topics) names.push_back(topic.name);
  const std::string missing = filter_.without_topic(names);
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
Status KafkaReading::start_new(const std::vector<TopicDescription>& topics, Ends which,
                               MonotonicTime deadline) {
  std::vector<model::PartitionId> added;
  for (const TopicDescription& topic : topics) {
    const std::string life = knowledge_.lives.life_of(topic);
    for (std::int32_t number = 0; number < topic.partition_count; ++number) {
      if (partitions_.find(topic.name, number) != nullptr) continue;
      added.push_back({topic.name, life, number});
    }
  }
  tell_news();
  if (added.empty()) return {};
  const WallTime asked = clock_.now();
  CDCLAKE_ASSIGN_OR_RETURN(const auto ends, cluster_->ends(added, deadline));
  std::vector<model::Position> fetched;
  for (const model::PartitionId& id : added) {
    const auto found = ends.find({id.topic, id.partition});
    if (found == ends.end()) {
      return fail(ErrorKind::kUnavailable,
                  "cannot read Kafka: no broker knows the offsets of a partition: partition=" +
                      display(id));
    }
    const auto position = knowledge_.positions.find(id);
    std::optional<std::int64_t> stored;
    if (position != knowledge_.positions.end()) stored = position->second.next_offset;
    const auto decided = decide_start(id, stored, found->second, config_.on_data_loss);
    if (const auto* stop = std::get_if<model::PartitionStop>(&decided)) {
      add_stopped(*stop);
    } else {
      fetched.push_back(add(id, found->second, which, std::get<PartitionStart>(decided)));
    }
  }
  CDCLAKE_RETURN_IF_ERROR(start_fetching(*client_, fetched));
  note_ends(ends, asked);
  return {};
}

/// What the old life of a topic was seen to hold past our position went with it.
void KafkaReading::lose_old_lives(const std::vector<TopicDescription>& topics) {
  for (auto& [id, position] : knowledge_.positions) {
    const auto end = knowledge_.seen_ends.find(id);
    const model::OffsetRange lost{position.next_offset,
                                  end == knowledge_.seen_ends.end() ? 0 : end->second};
    const auto topic = std::ranges::find(topics, id.topic, &TopicDescription::name);
    if (lost.empty() || topic == topics.end()) continue;
    if (knowledge_.lives.life_of(*topic) == id.incarnation) continue;
    client_->log(KafkaLogLevel::kWarning,
                 "a topic was deleted before it was read to its end: at least " +
                     std::to_string(lost.next - lost.first) + " offsets [" +
                     std::to_string(lost.first) + ", " + std::to_string(lost.next) +
                     ") of its old life are lost: partition=" + display(id) +
                     " incarnation=" + id.incarnation);
    knowledge_.gaps.push_back({id, lost, "topic_deleted"});
    position = {.partition = id, .next_offset = lost.next};
  }
}

void KafkaReading::add_stopped(const model::PartitionStop& stop) {
  const std::int64_t position = knowledge_.positions.at(stop.partition).next_offset;
  KafkaPartition& partition =
      partitions_.add({.id = stop.partition, .next_offset = position, .given_next = position});
  this->stop(partition, stop);
}

/// A gap moves the partition too, even when no record follows.
model::Position KafkaReading::add(const model::PartitionId& id, const PartitionEnds& ends,
                                  Ends which, const PartitionStart& start) {
  std::optional<std::int64_t> first_end;
  if (which == Ends::kSeenAtStart) first_end = ends.stable_end;
  std::int32_t epoch = model::kNoLeaderEpoch;
  const auto stored = knowledge_.positions.find(id);
  if (stored != knowledge_.positions.end() && !start.gap) epoch = stored->second.leader_epoch;
  KafkaPartition& partition =
      partitions_.add({.id = id,
                       .next_offset = start.gap ? start.gap->range.first : start.offset,
                       .given_next = start.offset,
                       .first_end = first_end,
                       .leader_epoch = epoch});
  partitions_.advance(partition, start.offset);
  if (start.gap) knowledge_.gaps.push_back(*start.gap);
  return {.partition = id, .next_offset = start.offset, .leader_epoch = epoch};
}

void KafkaReading::stop(KafkaPartition& partition, model::PartitionStop stop) {
  client_->log(KafkaLogLevel::kWarning, stop.message);
  partitions_.stop(partition);
  stop_fetching(*client_, partition.id);
  knowledge_.stops.insert_or_assign(partition.id, std::move(stop));
  knowledge_.stops_changed = true;
}

Result<Topics> KafkaReading::refresh() {
  const MonotonicTime deadline = clock_.monotonic() + kRefreshWaitMax;
  const auto topics = cluster_->describe(filter_, deadline);
  if (!topics && topics.error().kind == ErrorKind::kUnavailable &&
      clock_.monotonic() - last_answer_ < config_.outage_max) {
    client_->log(KafkaLogLevel::kWarning, topics.error().message);
    return Topics::kAreTheSame;
  }
  if (!topics) return fail(topics.error().kind, topics.error().message);
  last_answer_ = clock_.monotonic();
  CDCLAKE_ASSIGN_OR_RETURN(const Topics seen,
                           compare_topics(partitions_.incarnations(), *topics, knowledge_.lives));
  if (seen == Topics::kWereMadeAgain) return seen;
  const Status looked = [&]() -> Status {
    CDCLAKE_RETURN_IF_ERROR(look_for_ends(*topics, deadline));
    return start_new(*topics, Ends::kSeenLater, deadline);
  }();
  if (!looked && looked.error().kind != ErrorKind::kUnavailable) {
    return fail(looked.error().kind, looked.error().message);
  }
  if (!looked) client_->log(KafkaLogLevel::kWarning, looked.error().message);
  return seen;
}

Status KafkaReading::look_for_ends(const std::vector<TopicDescription>& topics,
                                   MonotonicTime deadline) {
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

/// Where a partition was read to its end, nothing after its last record is ever given: that is
/// then the end, since a position moves over markers of transactions only with the next record.
void KafkaReading::note_ends(const PartitionEndsByName& ends, WallTime asked) {
  for (const auto& [name, end] : ends) {
    KafkaPartition* partition = partitions_.find(name.first, name.second);
    if (partition == nullptr) continue;
    partition->last_end = end.stable_end;
    knowledge_.seen_ends[partition->id] = end.stable_end;
    const bool is_read = partition->next_offset >= end.stable_end;
    knowledge_.ends.push_back({.partition = partition->id,
                               .next_offset = is_read ? partition->given_next : end.stable_end,
                               .seen_us = asked.time_since_epoch().count()});
    const auto news = knowledge_.pins.note(partition->id, end, clock_.monotonic());
    if (news) client_->log(KafkaLogLevel::kWarning, *news);
  }
}

void KafkaReading::remember_positions() {
  partitions_.for_each([&](const KafkaPartition& partition) {
    knowledge_.positions[partition.id] = {.partition = partition.id,
                                          .next_offset = partition.next_offset,
                                          .leader_epoch = partition.leader_epoch};
  });
}

void KafkaReading::tell_news() {
  for (const std::string& line : knowledge_.lives.take_news()) {
    client_->log(KafkaLogLevel::kWarning, line);
  }
}

}  // namespace cdclake::source
