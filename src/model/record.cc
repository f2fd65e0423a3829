#include "model/record.h"

namespace cdclake::model {
namespace {

constexpr std::int64_t kFixedRecordBytes = 64;  // Numbers, ends and bits of one row.
constexpr std::int64_t kFixedHeaderBytes = 16;

std::int64_t size_of(const std::optional<std::string_view>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : 0;
}

}  // namespace

std::int64_t bytes_of(const RawRecord& record) {
  std::int64_t bytes = kFixedRecordBytes + size_of(record.key) + size_of(record.value);
  for (const Header& header : record.headers) {
    bytes += kFixedHeaderBytes + size_of(header.key) + size_of(header.value);
  }
  return bytes;
}

}  // namespace cdclake::model
