#include "stages/source/partition_start.h"

#include <string>

namespace cdclake::source {
namespace {

PartitionStart start_past_gap(const model::PartitionId& partition, std::int64_t from,
                              std::int64_t low, const char* reason) {
  PartitionStart start{.offset = low, .gap = std::nullopt};
  if (from < low) start.gap = model::Gap{partition, {from, low}, reason};
  return start;
}

std::string with_offsets(const model::PartitionId& partition, std::int64_t position,
                         const PartitionEnds& ends) {
  return "partition=" + display(partition) + " position=" + std::to_string(position) +
         " first=" + std::to_string(ends.low) + " end=" + std::to_string(ends.stable_end);
}

}  // namespace

Result<PartitionStart> decide_start(const model::PartitionId& partition,
                                    std::optional<std::int64_t> position, const PartitionEnds& ends,
                                    OnDataLoss on_data_loss) {
  if (!position) return start_past_gap(partition, 0, ends.low, "before_first_read");
  if (*position > ends.stable_end) {
    return fail(ErrorKind::kConflict,
                "cannot go on reading Kafka: the partition ends before the stored position: the "
                "broker lost records that the lake has (an unclean leader election), or the topic "
                "was deleted and made again: " +
                    with_offsets(partition, *position, ends));
  }
  if (*position < ends.low && on_data_loss == OnDataLoss::kStop) {
    return fail(
        ErrorKind::kInvalidConfig,
        "cannot go on reading Kafka: " + std::to_string(ends.low - *position) +
            " offsets expired before they were read (raise the topic's retention); to go on "
            "without them set CDCLAKE_ON_DATA_LOSS=continue: " +
            with_offsets(partition, *position, ends));
  }
  if (*position < ends.low) return start_past_gap(partition, *position, ends.low, "retention");
  return PartitionStart{.offset = *position, .gap = std::nullopt};
}

std::string display(const model::PartitionId& partition) {
  return partition.topic + " [" + std::to_string(partition.partition) + "]";
}

}  // namespace cdclake::source
