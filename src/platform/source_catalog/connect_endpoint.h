#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cdclake::source_catalog {

/// Whether a setting names an address rather than a file.
bool is_http_address(std::string_view text);

/// Reads a connector's settings from Kafka Connect: `http://…/connectors/NAME`, or the same with
/// `/config`. Follows no redirect, and takes no answer past 1 MiB. kUnavailable where the server
/// does not answer or fails, kInvalidConfig where it knows no such connector, kCancelled soon after
/// `stop` is asked for.
Result<std::map<std::string, std::string>> fetch_connector_config(
    const std::string& address, const std::stop_token& stop = {},
    std::chrono::seconds wait_max = std::chrono::seconds(8));

}  // namespace cdclake::source_catalog
