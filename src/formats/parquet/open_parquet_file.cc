#include "formats/parquet/open_parquet_file.h"

#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/lake_streams.h"

namespace cdclake::parquet {
namespace {

constexpr std::int64_t kReadBufferBytes = 256 * 1024;  ///< A column; small files have many columns.

::parquet::ReaderProperties reader_properties() {
  ::parquet::ReaderProperties properties;
  properties.enable_buffered_stream();
  properties.set_buffer_size(kReadBufferBytes);
  properties.set_page_checksum_verification(true);
  return properties;
}

::parquet::ArrowReaderProperties arrow_properties(std::int64_t batch_rows) {
  ::parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_batch_size(batch_rows);
  properties.set_pre_buffer(false);
  return properties;
}

}  // namespace

Result<std::unique_ptr<::parquet::arrow::FileReader>> open_parquet_file(lake::LakeFs& fs,
                                                                        const lake::LakePath& path,
                                                                        std::int64_t batch_rows) {
  CDCLAKE_ASSIGN_OR_RETURN(auto file, fs.open(path));
  ::parquet::arrow::FileReaderBuilder builder;
  auto status = as_result(builder.Open(input_file(std::move(file)), reader_properties()));
  if (!status) {
    return fail(status.error().kind, status.error().message + ": " + fs.absolute(path));
  }
  builder.memory_pool(arrow::default_memory_pool());
  builder.properties(arrow_properties(batch_rows));
  return as_result(builder.Build());
}

std::int64_t row_bytes(const ::parquet::FileMetaData& metadata, int group) {
  const auto of_group = metadata.RowGroup(group);
  return of_group->total_byte_size() / std::max<std::int64_t>(1, of_group->num_rows());
}

}  // namespace cdclake::parquet
