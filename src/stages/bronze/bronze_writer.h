#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "formats/record_files/record_file_writer.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/bronze/segment_ledger.h"

namespace cdclake::bronze {

/// What a Bronze file will be.
struct BronzePlace {
  metadata::PreparedFile file;  ///< Id, kind, hidden and final path.
  RunId run;
  std::string topic;
};

/// The key-value pairs in the footer of a Bronze file: `cdclake.format`, `cdclake.file`,
/// `cdclake.run`, `cdclake.segments`, and for a compacted file `cdclake.replaces`
/// (docs/formats/bronze.md).
std::map<std::string, std::string> footer_of(const BronzePlace& place,
                                             const std::vector<model::Segment>& segments);

/// Closes the file durably and reads it back: its bytes, its footer and its row count. After ok it
/// survives a power cut under its hidden name and no reader sees it.
Result<metadata::PreparedFile> seal_bronze_file(lake::LakeFs& fs, lake::FileWriter& file,
                                                metadata::PreparedFile prepared, std::int64_t rows);

/// Writes raw records of one topic, in one incarnation, into one Bronze file.
///
/// Nothing is durable before `finish`. A writer that is destroyed early leaves hidden bytes for the
/// sweep, and the records are read again from the position. Records of a partition arrive in offset
/// order. Not thread-safe.
class BronzeWriter {
 public:
  /// `fs` must outlive the writer. `group_bytes_max`: of a row group, before encoding.
  static Result<BronzeWriter> open(lake::LakeFs& fs, BronzePlace place,
                                   std::int64_t group_bytes_max);

  /// Copies the record. `position` is that of its partition before the record: a segment begins
  /// there, not at the record, so that segments lie side by side over holes.
  Status append(const model::RawRecord& record, std::int64_t position, WallTime ingested);
  /// See `SegmentLedger`.
  bool extend(std::int32_t partition, std::int64_t next) { return ledger_.extend(partition, next); }
  void close_segment(std::int32_t partition) { ledger_.close(partition); }

  std::int64_t row_count() const { return writer_.row_count(); }

  /// Prepares the file. Called once.
  Result<metadata::BronzeFile> finish() &&;
  /// Removes the hidden file where that is possible.
  void discard() &&;

 private:
  BronzeWriter(lake::LakeFs& fs, BronzePlace place, std::unique_ptr<lake::FileWriter> file,
               record_files::RecordFileWriter writer);

  lake::LakeFs* fs_;
  BronzePlace place_;
  std::unique_ptr<lake::FileWriter> file_;  ///< Outlives `writer_`, which appends to it.
  record_files::RecordFileWriter writer_;
  SegmentLedger ledger_;
};

}  // namespace cdclake::bronze
