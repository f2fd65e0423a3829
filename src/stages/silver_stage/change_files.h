#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "formats/parquet/change_file_writer.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_stage/record_judge.h"

namespace cdclake::silver_stage {

/// The UTC date under which a row is filed: that of its commit, else of its record, else
/// 1970-01-01.
std::int64_t event_day(const model::ChangeRow& row, const model::RawRecord& record);

/// The change files of one batch, one a (table, schema, event date); rows of a partition keep their
/// order. At most `open_max` gather rows at once: one more, and the biggest is written out.
class ChangeFiles {
 public:
  struct Limits {
    std::size_t open_max = 0;
    std::int64_t group_bytes_max = 0;  ///< Of a file's row groups, before encoding.
  };

  /// `fs` must outlive the files.
  ChangeFiles(lake::LakeFs& fs, RunId run, Limits limits);

  Status append(const StagedRow& staged, const model::RawRecord& record);
  std::size_t written() const { return written_.size(); }
  /// About what the rows take that are in memory.
  std::int64_t bytes() const { return bytes_; }

  /// Writes and seals what is open and gives all files of the batch; starts the next batch.
  Result<std::vector<metadata::StageFile>> seal();

 private:
  struct OpenFile {
    metadata::TableKey table = 0;
    std::string table_segment;
    std::string event_date;
    model::TableSchemaPtr schema;
    parquet::ChangeFileWriter writer;
    std::vector<metadata::StageFile::Range> ranges;
  };
  using Place = std::pair<model::SchemaId, std::int64_t>;  ///< A schema names its table; the day.

  Result<OpenFile*> find_or_open(const StagedRow& staged, std::int64_t day);
  Status write_biggest();
  Status write_out(OpenFile& file);

  lake::LakeFs* fs_;
  RunId run_;
  Limits limits_;
  std::int64_t bytes_ = 0;
  std::map<Place, OpenFile> open_;
  std::vector<metadata::StageFile> written_;

  // Where the last row went: rows come in long stretches of one place.
  model::TableSchemaPtr last_schema_;
  std::int64_t last_day_ = 0;
  OpenFile* last_file_ = nullptr;
};

}  // namespace cdclake::silver_stage
