#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "base/result.h"
#include "platform/lake/lake_fs.h"

namespace arrow::io {
class OutputStream;
class RandomAccessFile;
}  // namespace arrow::io

namespace cdclake::parquet {

/// Lets Arrow append to a file of the lake. Closing the stream leaves the file open: only
/// `commit::seal` closes it. `file` must outlive the stream.
std::shared_ptr<arrow::io::OutputStream> output_stream(lake::FileWriter& file);

/// Lets Arrow read a file of the lake.
std::shared_ptr<arrow::io::RandomAccessFile> input_file(std::unique_ptr<lake::FileReader> file);

/// The error as Arrow passes it on; `error_of` gives it back unchanged.
arrow::Status arrow_status_of(Error error);

}  // namespace cdclake::parquet
