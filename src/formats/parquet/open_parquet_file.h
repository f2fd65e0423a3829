#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace parquet::arrow {
class FileReader;
}  // namespace parquet::arrow

namespace cdclake::parquet {

/// Rows that Arrow decodes at once where a whole table is read.
inline constexpr std::int64_t kTableBatchRows = 64 * 1024;

/// Opens the file and parses its footer. Pages are read a buffer at a time and their checksums
/// verified; nothing runs on other threads. kCorrupt where it is no Parquet file or is damaged.
Result<std::unique_ptr<::parquet::arrow::FileReader>> open_parquet_file(lake::LakeFs& fs,
                                                                        const lake::LakePath& path,
                                                                        std::int64_t batch_rows);

}  // namespace cdclake::parquet
