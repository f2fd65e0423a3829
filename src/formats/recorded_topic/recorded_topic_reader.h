#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "model/record.h"

namespace cdclake::recorded_topic {

struct ReaderConfig {
  std::string path{};         ///< `.gz` and `.zst` by extension; `-` is stdin. Required.
  std::string incarnation{};  ///< Of every partition in the file. Required.
  std::int64_t batch_records_max = 10'000;
  std::int64_t batch_bytes_max = 16 * 1024 * 1024;  ///< One record may pass it alone.
};

/// Records that borrow from the reader until its next `read`.
struct RecordedBatch {
  std::span<const model::RawRecord> records;
  bool at_end = false;  ///< Nothing follows these records.
};

/// Reads a recorded topic file (docs/formats/recorded_topic.md) from its beginning, in batches.
///
/// Partitions may be interleaved; within each, offsets rise. Holes are ordinary. A line that is no
/// record, an offset that does not rise, or a damaged compressed file is kInvalidConfig and names
/// file and line; it comes after all the records before it, and again with every later read. Not
/// thread-safe.
class RecordedTopicReader {
 public:
  /// kInvalidConfig when the file cannot be opened.
  static Result<RecordedTopicReader> open(ReaderConfig config);
  RecordedTopicReader(RecordedTopicReader&&) noexcept;
  RecordedTopicReader& operator=(RecordedTopicReader&&) noexcept;
  ~RecordedTopicReader();

  /// The next records. A pipe is waited for at most `wait_max`; then the batch may be empty.
  /// `RawRecord::partition` stays valid as long as the reader lives.
  Result<RecordedBatch> read(std::chrono::milliseconds wait_max);

 private:
  class Impl;
  explicit RecordedTopicReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::recorded_topic
