#include "platform/config/shown_setting.h"

#include "platform/config/printable.h"
#include "platform/config/without_secrets.h"

namespace cdclake::config {
namespace {

std::string shown_text(const std::string& text, Secrecy secrecy) {
  if (text.empty()) return {};
  return secrecy == Secrecy::kSecret ? std::string(kMask) : printable(without_secrets(text));
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
