#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cdclake::json_document {

/// Reads a connector's settings: a flat object, as in a configuration file and in Connect's
/// `…/connectors/NAME/config`, or an object with a `config` member, as in `…/connectors/NAME`.
/// Numbers and booleans are taken as the text that stands there.
Result<std::map<std::string, std::string>> parse_connector_config(std::string_view text);

/// What `parse_connector_config` reads back equal.
std::string to_json_text(const std::map<std::string, std::string>& settings);

}  // namespace cdclake::json_document
