#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "model/record.h"

namespace cdclake::model {

/// What one poll brought. The records borrow from the source until the next poll.
struct RecordBatch {
  std::span<const RawRecord> records;  ///< In offset order within each partition.
  std::span<const Position>
      positions;  ///< Where each partition that moved now stands; may pass its last record.
  std::span<const Gap> gaps;  ///< Offsets found missing for good since the last poll.
  /// Ends of partitions, newly asked for, whether there are records or not. Empty in most batches,
  /// and always where a source has no end that can be asked for.
  std::span<const PartitionEnd> ends{};
  /// All partitions that are stopped, where that has changed since the last poll.
  std::optional<std::span<const PartitionStop>> stops{};
  /// Every partition that is not stopped has reached the end that was seen at `open`.
  bool at_end = false;
};

/// Where records come from: a seam, so that Bronze reads and acknowledges without knowing Kafka.
/// Not thread-safe.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// Starts reading every partition at its position; one without a position starts at its
  /// beginning, and what is missing before that is reported as a gap. Called once.
  ///
  /// A recorded source may give records below a position again (a file read twice); the caller
  /// compares them with what it has and never stores them twice.
  virtual Status open(const std::vector<Position>& positions) = 0;

  /// Waits at most `wait_max` for records. An empty batch is no error.
  virtual Result<RecordBatch> poll(std::chrono::milliseconds wait_max) = 0;

  /// Tells the outside, for lag tools only, what has been committed. Never read back.
  virtual Status acknowledge(std::span<const PositionMove> committed) = 0;
};

}  // namespace cdclake::model
