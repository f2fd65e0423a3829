#include "stages/silver_stage/quarantine_line.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/base64.h"
#include "stages/silver_stage/json_text.h"

namespace cdclake::silver_stage {
namespace {

/// `"<name>":…`, or `"<name>_base64":…` where the bytes are no text.
void append_bytes(std::string_view name, std::string_view bytes, std::string& out) {
  const bool text = is_utf8(bytes);
  append_json_text(text ? std::string(name) : std::string(name) + "_base64", out);
  out += ':';
  append_json_text(text ? bytes : encode_base64(bytes), out);
}

void append_member(std::string_view name, const std::optional<std::string_view>& bytes,
                   std::string& out) {
  out += ',';
  if (bytes) return append_bytes(name, *bytes, out);
  append_json_text(name, out);
  out += ":null";
}

void append_number(std::string_view name, std::int64_t value, std::string& out) {
  out += ',';
  append_json_text(name, out);
  out += ':';
  out += std::to_string(value);
}

void append_headers(std::span<const model::Header> headers, std::string& out) {
  out += ",\"headers\":[";
  for (std::size_t i = 0; i < headers.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    append_bytes("key", headers[i].key, out);
    append_member("value", headers[i].value, out);
    out += '}';
  }
  out += ']';
}

/// Our own words may quote names that came with the record.
std::string_view printable(std::string_view text) {
  return is_utf8(text) ? text : "(not valid UTF-8)";
}

}  // namespace

void append_quarantine_line(const model::RawRecord& record, std::string_view reason,
                            std::string_view detail, WallTime quarantined_at, std::string& out) {
  out += '{';
  append_bytes("reason", printable(reason), out);
  append_member("error", printable(reason), out);
  append_member("detail", printable(detail), out);
  append_member("topic", record.partition->topic, out);
  append_member("incarnation", record.partition->incarnation, out);
  append_number("partition", record.partition->partition, out);
  append_number("offset", record.offset, out);
  if (record.timestamp_type != model::TimestampType::kNone) {
    append_number("timestamp_ms", record.timestamp_ms, out);
  } else {
    out += ",\"timestamp_ms\":null";
  }
  append_member("key", record.key, out);
  append_member("value", record.value, out);
  append_headers(record.headers, out);
  append_member("quarantined_at", utc_timestamp(quarantined_at), out);
  out += "}\n";
}

}  // namespace cdclake::silver_stage
