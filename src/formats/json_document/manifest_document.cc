#include "formats/json_document/manifest_document.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace cdclake::json_document {

std::string to_json_text(const Manifest& manifest) {
  using nlohmann::ordered_json;
  ordered_json offsets = ordered_json::object();
  for (const auto& [topic, partitions] : manifest.last_offsets) {
    ordered_json& entry = offsets[topic] = ordered_json::object();
    for (const auto& [partition, offset] : partitions) entry[std::to_string(partition)] = offset;
  }
  ordered_json document{
      {"run_id", manifest.run_id.value},   {"ingestion_date", manifest.ingestion_date},
      {"status", manifest.status},         {"kafka_group_id", manifest.kafka_group_id},
      {"topics", manifest.topics},         {"files_written", manifest.files_written},
      {"last_offsets", std::move(offsets)}};
  if (manifest.error) document["error"] = *manifest.error;
  return document.dump(2, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace) +
         "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  Manifest manifest;
  const auto read = [&](const char* key, std::string& value) {
    const auto found = document.find(key);
    if (found == document.end() || !found->is_string()) return false;
    value = found->get<std::string>();
    return true;
  };
  if (!document.is_object() || !read("run_id", manifest.run_id.value) ||
      !read("ingestion_date", manifest.ingestion_date) || !read("status", manifest.status) ||
      !read("kafka_group_id", manifest.kafka_group_id)) {
    return fail(ErrorKind::kCorrupt, "cannot read the manifest of a Bronze run");
  }
  if (std::string error; read("error", error)) manifest.error = std::move(error);
  return manifest;
}

}  // namespace cdclake::json_document
