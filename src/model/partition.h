#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace cdclake::model {

/// One partition of one life of one topic. A topic that is deleted and made again is another
/// incarnation: its offsets begin anew and are never compared with the old ones.
struct PartitionId {
  std::string topic;
  std::string incarnation;  ///< Kafka's topic id, or `recorded:<name>` for recorded topics.
  std::int32_t partition = 0;

  friend bool operator==(const PartitionId&, const PartitionId&) = default;
  friend auto operator<=>(const PartitionId&, const PartitionId&) = default;
};
/// `topic/partition (incarnation)`, for messages.
std::string describe(const PartitionId& partition);

/// Offsets `[first, next)` of one partition. Half-open, like every range here.
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t next = 0;

  bool empty() const { return first >= next; }
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

/// What a leader epoch is where none is known.
inline constexpr std::int32_t kNoLeaderEpoch = -1;

/// The next offset to read of a partition: everything below it has been dealt with.
struct Position {
  PartitionId partition;
  std::int64_t next_offset = 0;
  /// Of the record right before `next_offset`: under which leader it was written. By it a log that
  /// was cut behind us is told from one that was not.
  std::int32_t leader_epoch = kNoLeaderEpoch;
};

/// A move of a position, as a compare-and-set: it is refused unless the stored position is
/// `expected` (0 where none is stored).
struct PositionMove {
  PartitionId partition;
  std::int64_t expected = 0;
  std::int64_t next = 0;
  std::int32_t leader_epoch = kNoLeaderEpoch;  ///< As in `Position`; of Bronze's position only.
};

/// Where a partition ended when its source was asked: past the last record that a reader is given.
struct PartitionEnd {
  PartitionId partition;
  std::int64_t next_offset = 0;
  std::int64_t seen_us = 0;  ///< Wall clock, not later than the answer.
};

/// Offsets that we know we shall never see, and why.
struct Gap {
  PartitionId partition;
  OffsetRange range;
  std::string reason;  ///< A word of docs/formats/metadata.md, such as `before_first_read`.
};

/// A partition that is read no further until somebody does something about it. Nothing of it is
/// passed over meanwhile, and the other partitions go on.
struct PartitionStop {
  PartitionId partition;
  OffsetRange range;    ///< What is lost or cannot be read.
  std::string reason;   ///< A word of docs/formats/metadata.md, such as `retention_loss`.
  std::string message;  ///< What happened, and the way out.
};

}  // namespace cdclake::model
