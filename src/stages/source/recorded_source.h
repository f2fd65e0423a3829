#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/record_source.h"

namespace cdclake::source {

struct RecordedSourceConfig {
  std::vector<std::string> files{};    ///< Read in this order; `-` is stdin, once. Required.
  std::string incarnation_name = "1";  ///< Partitions get the incarnation `recorded:<name>`.
  std::int64_t batch_records_max = 10'000;
  std::int64_t batch_bytes_max = 16 * 1024 * 1024;  ///< One record may pass it alone.

  Status validate() const;
};

/// Records out of recorded topic files (docs/formats/recorded_topic.md).
///
/// Partitions appear as they are read. Records below a partition's position are handed out again,
/// as is what several files repeat; the position reported for a partition never goes back. Where a
/// file's first record of a partition lies past the end of what is known of it, the offsets
/// between are a gap: `recorded_gap`, or `before_first_read` where nothing is known. A jump inside
/// a file is an ordinary hole. The end is that of the last file.
class RecordedSource final : public model::RecordSource {
 public:
  /// `config` is valid.
  explicit RecordedSource(RecordedSourceConfig config);
  ~RecordedSource() override;

  /// kInvalidConfig when one of the files cannot be read.
  Status open(const std::vector<model::Position>& positions) override;
  /// A damaged file is kInvalidConfig, after all the records before the damage.
  Result<model::RecordBatch> poll(std::chrono::milliseconds wait_max) override;
  /// Does nothing: files keep no position.
  Status acknowledge(std::span<const model::PositionMove> committed) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::source
