#include "formats/json_document/segments_document.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace cdclake::json_document {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

template <typename T>
std::optional<T> member(const json& object, const char* name) {
  const auto place = object.find(name);
  if (place == object.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!place->is_string()) return std::nullopt;
  } else if (!place->is_number_integer()) {
    return std::nullopt;
  }
  return place->get<T>();
}

std::optional<model::Segment> segment_of(const json& object) {
  if (!object.is_object()) return std::nullopt;
  auto topic = member<std::string>(object, "topic");
  auto incarnation = member<std::string>(object, "incarnation");
  const auto partition = member<std::int32_t>(object, "partition");
  const auto first = member<std::int64_t>(object, "first");
  const auto next = member<std::int64_t>(object, "next");
  const auto records = member<std::int64_t>(object, "records");
  const auto checksum = Hash128::from_hex(member<std::string>(object, "checksum").value_or(""));
  if (!topic || !incarnation || !partition || !first || !next || !records || !checksum) return {};
  return model::Segment{
      .partition = {*std::move(topic), *std::move(incarnation), *partition},
      .range = {*first, *next},
      .record_count = *records,
      .checksum = *checksum,
  };
}

}  // namespace

std::string to_json_text(std::span<const model::Segment> segments) {
  ordered_json document = ordered_json::array();
  for (const model::Segment& segment : segments) {
    document.push_back({{"topic", segment.partition.topic},
                        {"incarnation", segment.partition.incarnation},
                        {"partition", segment.partition.partition},
                        {"first", segment.range.first},
                        {"next", segment.range.next},
                        {"records", segment.record_count},
                        {"checksum", segment.checksum.to_hex()}});
  }
  return document.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace);
}

Result<std::vector<model::Segment>> parse_segments(std::string_view text) {
  const auto document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<model::Segment> segments;
  if (document.is_array()) {
    for (const json& object : document) {
      auto segment = segment_of(object);
      if (!segment) break;
      segments.push_back(*std::move(segment));
    }
  }
  if (!document.is_array() || segments.size() != document.size()) {
    return fail(ErrorKind::kCorrupt, "cannot read the segments in the footer of a Bronze file");
  }
  return segments;
}

}  // namespace cdclake::json_document
