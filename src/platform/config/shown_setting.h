#pragma once

#include <string>
#include <vector>

#include "platform/config/setting_values.h"

namespace cdclake::config {

/// One line of `config show`.
struct ShownSetting {
  std::string key;
  std::string value;  ///< `********` for a secret that is set; control characters escaped.
  std::string origin;
};

/// Every setting, then the Kafka options that are passed through, secrets masked. Also masks the
/// password inside an address (`http://user:password@host`).
std::vector<ShownSetting> shown_settings(const SettingValues& values);

}  // namespace cdclake::config
