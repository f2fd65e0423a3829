#include "stages/source/partition_start.h"

#include <string>

namespace cdclake::source {
namespace {

/// `[10, 22)`.
std::string text_of(const model::OffsetRange& range) {
  return "[" + std::to_string(range.first) + ", " + std::to_string(range.next) + ")";
}

PartitionStart start_past_gap(const model::PartitionId& partition, const model::OffsetRange& lost,
                              const char* reason) {
  PartitionStart start{.offset = lost.next, .gap = std::nullopt};
  if (!lost.empty()) start.gap = model::Gap{partition, lost, reason};
  return start;
}

model::PartitionStop expired(const model::PartitionId& partition, const model::OffsetRange& lost,
                             const PartitionEnds& ends) {
  return {.partition = partition,
          .range = lost,
          .reason = "retention_loss",
          .message = "cannot go on reading a partition: " + std::to_string(lost.next - lost.first) +
                     " offsets " + text_of(lost) +
                     " expired before they were read; CDCLAKE_ON_DATA_LOSS=continue goes on "
                     "without them (the gap is recorded, and the tables are inexact until a new "
                     "snapshot); a longer retention of the topic keeps it from happening: "
                     "partition=" +
                     display(partition) + " position=" + std::to_string(lost.first) + " first=" +
                     std::to_string(ends.low) + " end=" + std::to_string(ends.stable_end)};
}

}  // namespace

std::variant<PartitionStart, model::PartitionStop> decide_start(
    const model::PartitionId& partition, std::optional<std::int64_t> position,
    const PartitionEnds& ends, OnDataLoss on_data_loss) {
  if (!position) return start_past_gap(partition, {0, ends.low}, "before_first_read");
  if (*position > ends.stable_end) return truncated(partition, *position, ends.stable_end);
  const model::OffsetRange lost{*position, ends.low};
  if (lost.empty()) return PartitionStart{.offset = *position, .gap = std::nullopt};
  if (on_data_loss == OnDataLoss::kStop) return expired(partition, lost, ends);
  return start_past_gap(partition, lost, "retention_loss");
}

model::PartitionStop truncated(const model::PartitionId& partition, std::int64_t position,
                               std::optional<std::int64_t> fork) {
  const model::OffsetRange lost{fork.value_or(position), position};
  const std::string what =
      fork ? "offsets " + text_of(lost) + ", which the lake has, are not what the broker has now"
           : "the broker no longer knows what was read up to offset " + std::to_string(position);
  return {.partition = partition,
          .range = lost,
          .reason = "truncated",
          .message =
              "cannot go on reading a partition: its log was cut behind us (an unclean "
              "leader election, a broker that lost its disk, or a topic made again on "
              "brokers without topic ids): " +
              what +
              "; nothing is overwritten: read the topic again into a new lake, and see to "
              "unclean.leader.election.enable=false and min.insync.replicas: partition=" +
              display(partition) + " position=" + std::to_string(position) +
              (fork ? " fork=" + std::to_string(*fork) : "")};
}

model::PartitionStop damaged(const model::PartitionId& partition, std::int64_t offset,
                             const std::string& why) {
  return {
      .partition = partition,
      .range = {offset, offset + 1},
      .reason = "damaged",
      .message =
          "cannot go on reading a partition: damaged records, which are not passed over: " + why +
          "; if a sound replica has them, make it the leader and start again: "
          "partition=" +
          display(partition) + " offset=" + std::to_string(offset)};
}

model::PartitionStop too_large(const model::PartitionId& partition, std::int64_t offset) {
  return {.partition = partition,
          .range = {offset, offset + 1},
          .reason = "too_large",
          .message =
              "cannot go on reading a partition: the records at the offset are larger than "
              "one answer of a broker may be; raise "
              "CDCLAKE_KAFKA_RECEIVE_MESSAGE_MAX_BYTES and start again: partition=" +
              display(partition) + " offset=" + std::to_string(offset)};
}

}  // namespace cdclake::source
