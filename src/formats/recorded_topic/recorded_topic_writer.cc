#include "formats/recorded_topic/recorded_topic_writer.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/base64.h"

namespace cdclake::recorded_topic {
namespace {

bool is_text(std::string_view bytes) {
  return bytes.empty() || simdjson::validate_utf8(bytes.data(), bytes.size());
}

bool is_text(const std::optional<std::string_view>& bytes) { return !bytes || is_text(*bytes); }

void append_number(std::int64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_escape(char character, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\"\\\\\bb\ff\nn\rr\tt";
  for (std::size_t i = 0; i < kShort.size(); i += 2) {
    if (kShort[i] == character) {
      out.append({'\\', kShort[i + 1]});
      return;
    }
  }
  const auto code = static_cast<unsigned char>(character);
  out.append("\\u00").append({kHex[code >> 4U], kHex[code & 15U]});
}

void append_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) continue;
    out.append(text.substr(copied, i - copied));
    append_escape(c, out);
    copied = i + 1;
  }
  out.append(text.substr(copied));
  out += '"';
}

void append_value(const std::optional<std::string_view>& bytes, std::string& out) {
  if (bytes) {
    append_string(*bytes, out);
  } else {
    out += "null";
  }
}

void append_base64(const std::optional<std::string_view>& bytes, std::string& out) {
  if (bytes) {
    out.append("\"").append(encode_base64(*bytes)).append("\"");
  } else {
    out += "null";
  }
}

void append_bytes(std::string_view name, const std::optional<std::string_view>& bytes,
                  std::string& out) {
  out.append(",\"").append(name);
  if (is_text(bytes)) {
    out += "\":";
    append_value(bytes, out);
  } else {
    out += "_base64\":";
    append_base64(bytes, out);
  }
}

void append_timestamp(const model::RawRecord& record, std::string& out) {
  if (record.timestamp_type == model::TimestampType::kNone) {
    out += ",\"tstype\":\"unknown\",\"ts\":-1";
    return;
  }
  const bool is_create = record.timestamp_type == model::TimestampType::kCreate;
  out.append(",\"tstype\":\"").append(is_create ? "create" : "logappend").append("\",\"ts\":");
  append_number(record.timestamp_ms, out);
}

void append_headers(std::span<const model::Header> headers, std::string& out) {
  const bool all_text = std::ranges::all_of(
      headers, [](const model::Header& header) { return is_text(header.value); });
  out += all_text ? ",\"headers\":[" : ",\"headers_base64\":[";
  for (const model::Header& header : headers) {
    append_string(header.key, out);
    out += ',';
    all_text ? append_value(header.value, out) : append_base64(header.value, out);
    out += ',';
  }
  if (!headers.empty()) out.pop_back();
  out += ']';
}

}  // namespace

Status append_line(const model::RawRecord& record, std::string& out) {
  for (const model::Header& header : record.headers) {
    if (!is_text(header.key)) {
      return fail(ErrorKind::kInvalidConfig,
                  "cannot write a recorded topic: a header's name is not UTF-8: topic=" +
                      record.partition->topic +
                      " partition=" + std::to_string(record.partition->partition) +
                      " offset=" + std::to_string(record.offset));
    }
  }
  out += "{\"topic\":";
  append_string(record.partition->topic, out);
  out += ",\"partition\":";
  append_number(record.partition->partition, out);
  out += ",\"offset\":";
  append_number(record.offset, out);
  append_timestamp(record, out);
  if (!record.headers.empty()) append_headers(record.headers, out);
  append_bytes("key", record.key, out);
  append_bytes("payload", record.value, out);
  out += "}\n";
  return {};
}

}  // namespace cdclake::recorded_topic
