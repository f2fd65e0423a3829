#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "formats/parquet/parquet_writer.h"
#include "model/change_row.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::parquet {

/// How the columns of a stage file are laid out.
ParquetLayout stage_layout(const model::TableSchema& schema);

/// Gathers change rows of one table schema in memory, column by column, and writes them as stage
/// files: columns as `stage_arrow_schema` says (docs/formats/stage.md).
///
/// Holds no file while it gathers, so that many may be open at once. Not thread-safe.
class ChangeFileWriter {
 public:
  /// `group_bytes_max`: of a file's row group, before encoding; one row may pass it.
  explicit ChangeFileWriter(model::TableSchemaPtr schema, std::int64_t group_bytes_max = 64 << 20);
  ChangeFileWriter(ChangeFileWriter&&) noexcept;
  ChangeFileWriter& operator=(ChangeFileWriter&&) noexcept;
  ~ChangeFileWriter();

  /// Copies one row; `row.schema` must have the schema's id. `record` is the one it was decoded
  /// from: it says where the change stood.
  Status append(const model::ChangeRow& row, const model::RawRecord& record, std::int64_t epoch);

  std::int64_t row_count() const;
  /// About what the gathered rows take in memory.
  std::int64_t bytes() const;

  /// Writes the gathered rows, at least one, as a whole Parquet file and starts anew. Returns their
  /// number. Owns no durability: `commit::seal` does the fsync and the reading back.
  Result<std::int64_t> write(lake::FileWriter& file,
                             const std::map<std::string, std::string>& footer);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::parquet
