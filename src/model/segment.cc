#include "model/segment.h"

#include <cstring>

namespace cdclake::model {
namespace {

/// Version of the hashed form, as its key; docs/formats/bronze.md describes it.
constexpr std::uint64_t kRecordHashSeed = 0x63646c616b653031ULL;  // "cdlake01"

void put_integer(std::string& out, std::int64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

void put_bytes(std::string& out, const std::optional<std::string_view>& bytes) {
  put_integer(out, bytes ? static_cast<std::int64_t>(bytes->size()) : -1);
  if (bytes) out.append(*bytes);
}

}  // namespace

Hash128 RecordHasher::operator()(const RawRecord& record) {
  buffer_.clear();
  put_integer(buffer_, record.offset);
  put_integer(buffer_, record.timestamp_ms);
  put_integer(buffer_, static_cast<std::int64_t>(record.timestamp_type));
  put_bytes(buffer_, record.key);
  put_bytes(buffer_, record.value);
  put_integer(buffer_, static_cast<std::int64_t>(record.headers.size()));
  for (const Header& header : record.headers) {
    put_bytes(buffer_, header.key);
    put_bytes(buffer_, header.value);
  }
  return hash128(buffer_, kRecordHashSeed);
}

}  // namespace cdclake::model
