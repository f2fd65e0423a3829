#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace cdclake::bronze {

/// How often a large value is in memory while it is read, copied, encoded and compressed.
inline constexpr std::int64_t kTimesHeld = 8;

struct BronzeConfig {
  /// Buffered rows, over all topics, at which files are committed. Fewer make changes visible
  /// sooner and leave more files for compaction.
  std::int64_t batch_rows_max = 100'000;
  std::int64_t batch_bytes_max = 256 << 20;  ///< The same for bytes of records. Bounds memory.
  std::int64_t group_bytes_max = 64 << 20;   ///< Of a file's row group, before encoding.
  std::int64_t open_files_max = 256;         ///< The same for files, one a topic. Bounds memory.
  std::chrono::milliseconds flush_interval{5000};  ///< A record waits no longer than that.
  std::chrono::milliseconds poll_wait_max{100};    ///< Also bounds how late a stop is noticed.

  // A run rolls at whichever comes first, and at UTC midnight. Compaction waits for its end.
  std::chrono::seconds run_time_max{3600};
  std::int64_t run_bytes_max = 1 << 30;  ///< Of Parquet.

  /// What the stage holds at most, apart from a record that is larger than a row group: that is
  /// committed alone, with memory that is borrowed.
  std::int64_t memory_bytes = std::int64_t{1} << 30;
  std::int64_t record_bytes_max = std::int64_t{1} << 30;  ///< A larger one is refused by name.

  std::string kafka_group_id = "cdc_bronze_writer";  ///< Named in manifests, nothing more.

  /// Names key, rule and value of the first fault.
  Status validate() const;
};

}  // namespace cdclake::bronze
