#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace parquet {
class FileMetaData;
namespace arrow {
class FileReader;
}
}  // namespace parquet

namespace cdclake::parquet {

/// Rows that Arrow decodes at once where a whole table is read.
inline constexpr std::int64_t kTableBatchRows = 64 * 1024;

/// Opens the file and parses its footer. Pages are read a buffer at a time and their checksums
/// verified; nothing runs on other threads. kCorrupt where it is no Parquet file or is damaged.
Result<std::unique_ptr<::parquet::arrow::FileReader>> open_parquet_file(lake::LakeFs& fs,
                                                                        const lake::LakePath& path,
                                                                        std::int64_t batch_rows);

/// What a row of the group takes on average, decompressed and not decoded, by the footer.
std::int64_t row_bytes(const ::parquet::FileMetaData& metadata, int group);

}  // namespace cdclake::parquet
