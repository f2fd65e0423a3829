#include "formats/parquet/arrow_result.h"

#include <arrow/status.h>

#include <memory>
#include <string>
#include <utility>

#include "formats/parquet/lake_streams.h"

namespace cdclake {
namespace parquet {
namespace {

constexpr const char* kDetailType = "cdclake::Error";

/// Carries an error of the lake through Arrow unchanged.
class ErrorDetail final : public arrow::StatusDetail {
 public:
  explicit ErrorDetail(Error error) : error_(std::move(error)) {}
  const char* type_id() const override { return kDetailType; }
  std::string ToString() const override { return error_.message; }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace

arrow::Status arrow_status_of(Error error) {
  std::string message = error.message;
  return arrow::Status(arrow::StatusCode::IOError, std::move(message),
                       std::make_shared<ErrorDetail>(std::move(error)));
}

Error error_of(const arrow::Status& status) {
  if (const auto& detail = status.detail(); detail && detail->type_id() == kDetailType) {
    return static_cast<const ErrorDetail&>(*detail).error();
  }
  if (status.IsOutOfMemory()) {
    return Error{ErrorKind::kUnavailable, "out of memory: " + status.message()};
  }
  // All I/O goes through our streams, which mark their errors: what Parquet itself finds wrong,
  // it finds in the bytes.
  return Error{ErrorKind::kCorrupt, "Parquet: " + status.ToStringWithoutContextLines()};
}

}  // namespace parquet

Status as_result(const arrow::Status& status) {
  if (status.ok()) return {};
  return tl::unexpected<Error>(parquet::error_of(status));
}

}  // namespace cdclake
