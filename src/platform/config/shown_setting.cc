#include "platform/config/shown_setting.h"

#include <algorithm>

#include "platform/config/printable.h"

namespace cdclake::config {
namespace {

constexpr std::string_view kMask = "********";

std::string without_user_info(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const auto begin = scheme + 3;
  const auto end = std::min(text.find('/', begin), text.size());
  const auto at = text.rfind('@', end);
  if (at == std::string::npos || at < begin) return text;
  return text.substr(0, begin) + std::string(kMask) + text.substr(at);
}

std::string shown_text(const std::string& text, Secrecy secrecy) {
  if (text.empty()) return {};
  return secrecy == Secrecy::kSecret ? std::string(kMask) : printable(without_user_info(text));
}

}  // namespace

std::vector<ShownSetting> shown_settings(const SettingValues& values) {
  std::vector<ShownSetting> shown;
  for (const Setting& setting : all_settings()) {
    const SettingValue& value = values.of(setting.key);
    shown.push_back({std::string(setting.key), shown_text(value.text, setting.secrecy),
                     to_string(value.origin)});
  }
  for (const auto& [option, value] : values.kafka_options()) {
    const Secrecy secrecy = names_a_secret(option) ? Secrecy::kSecret : Secrecy::kOpen;
    shown.push_back(
        {"Kafka option " + option, shown_text(value.text, secrecy), to_string(value.origin)});
  }
  return shown;
}

}  // namespace cdclake::config
