#pragma once

#include <arrow/type_fwd.h>

#include "base/result.h"

namespace cdclake {

/// Makes `Status` of Arrow's: out of memory and I/O become kUnavailable, damaged files kCorrupt.
/// In the root namespace, beside the overload that the propagation macros call.
Status as_result(const arrow::Status& status);

namespace parquet {
Error error_of(const arrow::Status& status);
}  // namespace parquet

template <typename T>
Result<T> as_result(arrow::Result<T>&& result) {
  if (!result.ok()) return tl::unexpected<Error>(parquet::error_of(result.status()));
  return std::move(result).ValueUnsafe();
}

}  // namespace cdclake
