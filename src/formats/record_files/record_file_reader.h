#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::record_files {

/// Reads a Bronze file back as the records that were written, byte for byte.
class RecordFileReader {
 public:
  /// `partitions` are those of the file's segments; a row of another partition is kCorrupt, and
  /// so are two lives of one. They must outlive the reader: records point at them.
  static Result<RecordFileReader> open(lake::LakeFs& fs, const lake::LakePath& path,
                                       std::span<const model::PartitionId> partitions,
                                       std::int64_t batch_bytes_max = 8 << 20);
  RecordFileReader(RecordFileReader&&) noexcept;
  RecordFileReader& operator=(RecordFileReader&&) noexcept;
  ~RecordFileReader();

  /// About what the records of one call take at most, by the footer: `batch_bytes_max`, or one
  /// record that is larger.
  std::int64_t batch_bytes() const;
  /// The next records in file order, valid until the next call; empty at the end.
  Result<std::span<const model::RawRecord>> next();
  /// When record `i` of the last call was first written, microseconds since 1970 UTC.
  std::int64_t ingest_ts_us(std::size_t i) const;

 private:
  class Impl;
  explicit RecordFileReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::record_files
