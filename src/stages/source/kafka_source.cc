#include "stages/source/kafka_source.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "stages/source/fetch_errors.h"
#include "stages/source/kafka_batch.h"
#include "stages/source/kafka_brokers/kafka_handles.h"
#include "stages/source/kafka_brokers/oversize_probe.h"
#include "stages/source/kafka_brokers/topic_filter.h"
#include "stages/source/kafka_reading.h"
#include "stages/source/partition_start.h"

namespace cdclake::source {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenRestartsMin{1'000};
/// How long a partition may stand still after an answer was too large, before it is looked at.
constexpr milliseconds kOversizePatience{3'000};
constexpr milliseconds kOversizeProbeMax{2'000};

std::string where(const rd_kafka_message_t& message) {
  return std::string(message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "") + " [" +
         std::to_string(message.partition) + "]";
}

}  // namespace

class KafkaSource::Impl {
 public:
  Impl(KafkaSourceConfig config, KafkaLog log, const Clock& clock)
      : config_(std::move(config)),
        log_(std::move(log)),
        clock_(clock),
        knowledge_{.pins = PinnedEnds(config_.pin_patience)} {}

  Status open(const std::vector<model::Position>& positions) {
    for (const model::Position& position : positions) {
      knowledge_.positions[position.partition] = position;
      knowledge_.lives.know(position.partition);
    }
    CDCLAKE_ASSIGN_OR_RETURN(filter_, TopicFilter::make(config_.topics));
    return start();
  }

  /// An error comes after the records before it, and then stays: what a failed poll had already
  /// taken must never be passed over by the next one.
  Result<model::RecordBatch> poll(milliseconds wait_max) {
    batch_.clear();
    if (!failure_) failure_ = failure_of(wants_restart_ ? restart(wait_max) : read(wait_max));
    if (failure_ && batch_.record_count() == 0) return fail(failure_->kind, failure_->message);
    gaps_ = std::exchange(knowledge_.gaps, {});
    ends_ = std::exchange(knowledge_.ends, {});
    partitions().take_moved(moved_);
    model::RecordBatch batch{.records = batch_.records(),
                             .positions = moved_,
                             .gaps = gaps_,
                             .ends = ends_,
                             .at_end = !wants_restart_ && partitions().all_reached()};
    if (std::exchange(knowledge_.stops_changed, false)) {
      stops_.clear();
      for (const auto& [id, stop] : knowledge_.stops) stops_.push_back(stop);
      batch.stops = stops_;
    }
    return batch;
  }

  Status acknowledge(std::span<const model::PositionMove> committed) {
    const KafkaPartitionList offsets(
        rd_kafka_topic_partition_list_new(static_cast<int>(committed.size())));
    for (const model::PositionMove& move : committed) {
      const auto* partition = partitions().find(move.partition.topic, move.partition.partition);
      if (partition == nullptr || partition->id != move.partition) continue;
      rd_kafka_topic_partition_list_add(offsets.get(), move.partition.topic.c_str(),
                                        move.partition.partition)
          ->offset = move.next;
    }
    if (offsets->cnt == 0) return {};
    const auto code = rd_kafka_commit(client().get(), offsets.get(), /*async=*/1);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) client().log_failed_commit(rd_kafka_err2str(code));
    return {};
  }

 private:
  static std::optional<Error> failure_of(Status status) {
    if (status) return std::nullopt;
    return std::move(status).error();
  }

  KafkaClient& client() { return reading_->client(); }
  KafkaPartitions& partitions() { return reading_->partitions(); }

  Status start() {
    reading_ = std::make_unique<KafkaReading>(config_, *filter_, clock_, knowledge_);
    CDCLAKE_RETURN_IF_ERROR(reading_->start(log_));
    messages_.reset(rd_kafka_queue_get_consumer(client().get()));
    started_ = clock_.monotonic();
    next_refresh_ = started_ + config_.topic_refresh;
    oversize_since_.reset();
    return {};
  }

  /// Goes on with a new client where the last record that was given ends: the one before may hold
  /// records of another life of a topic, or fetches a partition no more.
  Status restart(milliseconds wait_max) {
    const auto too_soon = kBetweenRestartsMin - (clock_.monotonic() - started_);
    if (too_soon > milliseconds(0)) {
      std::this_thread::sleep_for(std::min<MonotonicTime::duration>(too_soon, wait_max));
      return {};
    }
    wants_restart_ = false;
    reading_->remember_positions();
    messages_.reset();
    return start();
  }

  /// Waits for the first message only, then takes what is there.
  Status read(milliseconds wait_max) {
    client().serve();
    CDCLAKE_RETURN_IF_ERROR(look_around());
    if (wants_restart_) return {};
    CDCLAKE_ASSIGN_OR_RETURN(std::size_t taken, take(1, wait_max));
    while (taken > 0) {
      const auto room = batch_.room_in(config_.batch_records_max, config_.batch_bytes_max);
      if (room == 0) break;
      CDCLAKE_ASSIGN_OR_RETURN(taken, take(room, milliseconds(0)));
    }
    return {};
  }

  Status look_around() {
    if (client().take_heard_of_oversize() && !oversize_since_) {
      oversize_since_ = clock_.monotonic();
      stood_.clear();
      partitions().for_each([&](const KafkaPartition& it) { stood_[it.id] = it.next_offset; });
    }
    const bool is_search_due =
        oversize_since_ && clock_.monotonic() - *oversize_since_ >= kOversizePatience;
    if (is_search_due || clock_.monotonic() >= next_refresh_) CDCLAKE_RETURN_IF_ERROR(refresh());
    return is_search_due && !wants_restart_ ? find_oversize() : Status{};
  }

  Status refresh() {
    next_refresh_ = clock_.monotonic() + config_.topic_refresh;
    CDCLAKE_ASSIGN_OR_RETURN(const Topics topics, reading_->refresh());
    wants_restart_ = wants_restart_ || topics == Topics::kWereMadeAgain;
    return {};
  }

  /// Among the partitions that stand still short of their end.
  Status find_oversize() {
    oversize_since_.reset();
    for (const auto& [id, offset] : stood_) {
      KafkaPartition* partition = partitions().find(id.topic, id.partition);
      const bool stands = partition != nullptr && !partition->is_stopped &&
                          partition->next_offset == offset && offset < partition->last_end;
      if (!stands) continue;
      CDCLAKE_ASSIGN_OR_RETURN(const bool is_guilty,
                               is_too_large(config_, id, offset, kOversizeProbeMax, clock_));
      if (is_guilty) reading_->stop(*partition, too_large(id, offset));
    }
    return {};
  }

  Result<std::size_t> take(std::size_t count_max, milliseconds wait_max) {
    taken_.resize(count_max);
    const ssize_t count = rd_kafka_consume_batch_queue(
        messages_.get(), static_cast<int>(wait_max.count()), taken_.data(), taken_.size());
    if (count <= 0) return 0;
    taken_.resize(static_cast<std::size_t>(count));
    client().serve();
    if (client().heard_of_new_topic_id()) {
      // librdkafka goes on in the new life at the offset of the old one.
      for (rd_kafka_message_t* message : taken_) rd_kafka_message_destroy(message);
      wants_restart_ = true;
      return 0;
    }
    for (rd_kafka_message_t* message : taken_) batch_.keep(message);
    for (const rd_kafka_message_t* message : taken_) CDCLAKE_RETURN_IF_ERROR(note(*message));
    return wants_restart_ ? 0 : taken_.size();
  }

  Status note(const rd_kafka_message_t& message) {
    auto* partition = message.rkt == nullptr
                          ? nullptr
                          : partitions().find(rd_kafka_topic_name(message.rkt), message.partition);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return note_error(message, partition);
    if (partition == nullptr || partition->is_stopped) return {};
    if (message.offset < partition->next_offset) {
      return fail(ErrorKind::kCorrupt,
                  "cannot read Kafka: its offsets went back: partition=" + where(message) +
                      " offset=" + std::to_string(message.offset));
    }
    if (const Status added = batch_.add_record(message, partition->id); !added) {
      reading_->stop(*partition, damaged(partition->id, message.offset, added.error().message));
      return {};
    }
    partitions().advance(*partition, message.offset + 1, rd_kafka_message_leader_epoch(&message));
    partition->given_next = message.offset + 1;
    return {};
  }

  Status note_error(const rd_kafka_message_t& message, KafkaPartition* partition) {
    const std::string text = client().masked(rd_kafka_message_errstr(&message));
    const FetchTrouble trouble = trouble_of(message.err, text);
    if (partition != nullptr && note_of_partition(message, trouble, text, *partition)) return {};
    switch (trouble) {
      case FetchTrouble::kRefused:
        return fail(ErrorKind::kInvalidConfig,
                    "cannot read Kafka: " + text + ": partition=" + where(message));
      case FetchTrouble::kBroken:
        return fail(ErrorKind::kUnavailable, "cannot go on reading Kafka: " + text);
      case FetchTrouble::kTopicGone:
        next_refresh_ = clock_.monotonic();
        [[fallthrough]];
      default:
        client().log(KafkaLogLevel::kWarning, text + ": partition=" + where(message));
        return {};
    }
  }

  /// True where that is all there is to do.
  bool note_of_partition(const rd_kafka_message_t& message, FetchTrouble trouble,
                         const std::string& text, KafkaPartition& partition) {
    if (partition.is_stopped) return true;
    switch (trouble) {
      case FetchTrouble::kEndReached:
        // Past the markers and the aborted records at the end, which are never given.
        partitions().advance(partition, message.offset);
        return true;
      case FetchTrouble::kOffsetGone:
        wants_restart_ = true;  // The topic is another one, or records are gone: decided anew.
        return true;
      case FetchTrouble::kTruncated:
        reading_->stop(partition, truncated(partition.id, partition.next_offset, fork_in(text)));
        return true;
      case FetchTrouble::kDamaged:
        reading_->stop(partition, damaged(partition.id, partition.next_offset, text));
        return true;
      case FetchTrouble::kTooLarge:
        reading_->stop(partition, too_large(partition.id, partition.next_offset));
        return true;
      default:
        return false;
    }
  }

  KafkaSourceConfig config_;
  KafkaLog log_;
  const Clock& clock_;
  KafkaKnowledge knowledge_;
  std::optional<TopicFilter> filter_;
  std::unique_ptr<KafkaReading> reading_;
  bool wants_restart_ = false;
  MonotonicTime started_{};
  MonotonicTime next_refresh_{};
  std::optional<MonotonicTime> oversize_since_;       ///< An answer was too large for us.
  std::map<model::PartitionId, std::int64_t> stood_;  ///< Next offsets at that time.
  std::vector<rd_kafka_message_t*> taken_;
  // What the last batch borrows:
  std::vector<model::Gap> gaps_;
  std::vector<model::PartitionEnd> ends_;
  std::vector<model::Position> moved_;
  std::vector<model::PartitionStop> stops_;
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
