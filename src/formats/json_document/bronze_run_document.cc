#include "formats/json_document/bronze_run_document.h"

#include <nlohmann/json.hpp>

namespace cdclake::json_document {

std::string to_json_text(const BronzeRunDetails& details) {
  using nlohmann::ordered_json;
  ordered_json document{{"kafka_group_id", details.kafka_group_id}};
  if (details.error) document["error"] = *details.error;
  return document.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace);
}

Result<BronzeRunDetails> parse_bronze_run_details(std::string_view text) {
  const auto fault = fail(ErrorKind::kCorrupt, "cannot read the stored details of a Bronze run");
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return fault;
  BronzeRunDetails details;
  const auto group = document.find("kafka_group_id");
  if (group == document.end() || !group->is_string()) return fault;
  details.kafka_group_id = group->get<std::string>();
  if (const auto error = document.find("error"); error != document.end()) {
    if (!error->is_string()) return fault;
    details.error = error->get<std::string>();
  }
  return details;
}

}  // namespace cdclake::json_document
