#include "formats/json_document/connector_document.h"

#include <nlohmann/json.hpp>

namespace cdclake::json_document {
namespace {

using nlohmann::json;

auto fault(const std::string& what) {
  return fail(ErrorKind::kInvalidConfig, "cannot read the connector's configuration: " + what);
}

/// Connect's answer wraps the settings; a configuration file does not.
const json& settings_of(const json& document) {
  const auto config = document.find("config");
  return config != document.end() && config->is_object() ? *config : document;
}

}  // namespace

Result<std::map<std::string, std::string>> parse_connector_config(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return fault("it is not JSON");
  if (!document.is_object()) return fault("it is not a JSON object");
  std::map<std::string, std::string> properties;
  for (const auto& [key, value] : settings_of(document).items()) {
    if (value.is_string()) {
      properties.emplace(key, value.get_ref<const std::string&>());
    } else if (value.is_boolean() || value.is_number()) {
      properties.emplace(key, value.dump());
    } else if (!value.is_null()) {
      return fault("the value of \"" + key + "\" is neither text, number nor boolean");
    }
  }
  return properties;
}

std::string to_json_text(const std::map<std::string, std::string>& settings) {
  return json(settings).dump(2, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace) + "\n";
}

}  // namespace cdclake::json_document
