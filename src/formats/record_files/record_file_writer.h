#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::record_files {

/// Writes records into a Bronze file: columns `topic, partition, offset, timestamp,
/// timestamp_type, key, value, headers, ingest_ts` (docs/formats/bronze.md).
class RecordFileWriter {
 public:
  /// `file` must outlive the writer. `group_bytes_max`: of a row group before encoding, which one
  /// record may pass; bounds the memory of writer and reader.
  static Result<RecordFileWriter> open(lake::FileWriter& file,
                                       std::int64_t group_bytes_max = 64 << 20);
  RecordFileWriter(RecordFileWriter&&) noexcept;
  RecordFileWriter& operator=(RecordFileWriter&&) noexcept;
  ~RecordFileWriter();

  /// Copies the record. `ingest_ts_us`: microseconds since 1970 UTC.
  Status append(const model::RawRecord& record, std::int64_t ingest_ts_us);
  std::int64_t row_count() const;
  std::int64_t buffered_bytes() const;  ///< In memory, not yet in the file.
  Result<std::int64_t> finish(const std::map<std::string, std::string>& footer) &&;

 private:
  class Impl;
  explicit RecordFileWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::record_files
