#include "platform/config/setting_values.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/assert.h"
#include "platform/config/env_file.h"
#include "platform/config/nearest_word.h"
#include "platform/config/text_file.h"

namespace cdclake::config {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr std::string_view kFileSuffix = "_FILE";

// One place that may hold variables; the first that has a value wins.
struct Layer {
  const Variables& variables;
  Origin origin;
};

std::string option_of(std::string_view key) {
  std::string option(key.substr(kKafkaPrefix.size()));
  for (char& letter : option) {
    letter =
        letter == '_' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return option;
}

// librdkafka has options of its own that end so; they are no files of ours.
bool names_a_secret_file(std::string_view key) {
  return key.ends_with(kFileSuffix) && !key.ends_with("_ASSERTION_PRIVATE_KEY_FILE") &&
         names_a_secret(key.substr(0, key.size() - kFileSuffix.size()));
}

// Finds the text of `key` in a layer: as it stands there, or in the file that `<key>_FILE` names.
std::optional<SettingValue> find_in(const Layer& layer, const std::string& key, Secrecy secrecy,
                                    std::vector<Fault>& faults) {
  const auto filled = [&](const std::string& name) -> const std::string* {
    const auto found = layer.variables.find(name);
    return found == layer.variables.end() || found->second.empty() ? nullptr : &found->second;
  };
  const std::string* text = filled(key);
  const std::string file_key = key + std::string(kFileSuffix);
  const std::string* path = secrecy == Secrecy::kSecret ? filled(file_key) : nullptr;
  if (text != nullptr && path != nullptr) {
    faults.push_back({key, "must not be set beside " + file_key, {}, to_string(layer.origin)});
  }
  if (text != nullptr) return SettingValue{*text, layer.origin};
  if (path == nullptr) return std::nullopt;
  auto content = read_text_file(*path);
  if (!content) {
    faults.push_back({file_key, "must name a file that can be read: " + content.error().message,
                      *path, to_string(layer.origin)});
    return std::nullopt;
  }
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  return SettingValue{*std::move(content), {layer.origin.kind, *path}};
}

std::vector<std::string_view> known_names() {
  std::vector<std::string_view> names;
  for (const Setting& setting : all_settings()) names.push_back(setting.key);
  return names;
}

bool is_known(const std::string& key) {
  if (find_setting(key) != nullptr || key.starts_with(kKafkaPrefix)) return true;
  const auto tooling = tooling_variables();
  if (std::find(tooling.begin(), tooling.end(), key) != tooling.end()) return true;
  if (!key.ends_with(kFileSuffix)) return false;
  const Setting* secret = find_setting(key.substr(0, key.size() - kFileSuffix.size()));
  return secret != nullptr && secret->secrecy == Secrecy::kSecret;
}

void check_names(const Layer& layer, std::vector<Fault>& faults) {
  for (const auto& [key, value] : layer.variables) {
    if (!key.starts_with("CDCLAKE_") || is_known(key)) continue;
    const std::string_view meant = nearest_word(key, known_names());
    std::string rule = "is no setting of cdclake";
    if (!meant.empty()) rule += "; did you mean " + std::string(meant) + "?";
    faults.push_back({key, rule, {}, to_string(layer.origin)});
  }
}

void check_rule(const Setting& setting, const SettingValue& value, std::vector<Fault>& faults) {
  const auto broken = broken_rule(setting.rule, value.text);
  if (!broken) return;
  const bool is_secret = setting.secrecy == Secrecy::kSecret;
  faults.push_back({std::string(setting.key), "must be " + *broken, is_secret ? "" : value.text,
                    to_string(value.origin)});
}

using KafkaOptions = std::map<std::string, SettingValue>;

// Layers come strongest first: an option that is there already stays.
void add_layer_options(const Layer& layer, KafkaOptions& options, std::vector<Fault>& faults) {
  for (const auto& [key, value] : layer.variables) {
    if (!key.starts_with(kKafkaPrefix) || value.empty()) continue;
    std::string plain = key;
    if (names_a_secret_file(key)) plain.resize(plain.size() - kFileSuffix.size());
    const Secrecy secrecy = names_a_secret(plain) ? Secrecy::kSecret : Secrecy::kOpen;
    if (auto found = find_in(layer, plain, secrecy, faults)) {
      options.try_emplace(option_of(plain), *std::move(found));
    }
  }
}

void add_flag_options(const std::vector<std::string>& flags, KafkaOptions& options,
                      std::vector<Fault>& faults) {
  for (const std::string& flag : flags) {
    const auto equals = flag.find('=');
    const std::string option = flag.substr(0, equals);
    if (names_a_secret(option)) {
      faults.push_back({"--kafka " + option,
                        "must not stand on the command line, where every user of this machine "
                        "sees it: set it as a variable " +
                            std::string(kKafkaPrefix) + "… or in a file that …_FILE names",
                        {},
                        {}});
    } else if (equals == std::string::npos || equals == 0) {
      faults.push_back({"--kafka", "must be OPTION=VALUE", flag, "flag"});
    } else {
      options.insert_or_assign(option,
                               SettingValue{flag.substr(equals + 1), {OriginKind::kFlag, {}}});
    }
  }
}

// What our promises stand on, and what has a setting of its own.
void check_kafka_options(const KafkaOptions& options, std::vector<Fault>& faults) {
  static const std::map<std::string_view, std::string_view> kOurs = {
      {"bootstrap.servers", "is set by KAFKA_BOOTSTRAP"},
      {"metadata.broker.list", "is set by KAFKA_BOOTSTRAP"},
      {"group.id", "is set by KAFKA_GROUP_ID"},
      {"enable.auto.commit", "is always false: the metadata store alone holds positions"},
      {"enable.auto.offset.store", "is always false: the metadata store alone holds positions"},
      {"auto.offset.reset", "is always error: records are never skipped in silence"},
      {"isolation.level", "is always read_committed"},
      {"check.crcs", "is always true"},
  };
  for (const auto& [option, value] : options) {
    const auto ours = kOurs.find(option);
    if (ours == kOurs.end()) continue;
    faults.push_back(
        {"Kafka option " + option, std::string(ours->second), value.text, to_string(value.origin)});
  }
}

}  // namespace

std::string to_string(const Origin& origin) {
  const std::string path = origin.path.empty() ? "" : " " + origin.path;
  switch (origin.kind) {
    case OriginKind::kDefault:
      return "default";
    case OriginKind::kEnvFile:
      return "env-file" + path;
    case OriginKind::kEnvironment:
      return path.empty() ? "environment" : "file" + path;
    case OriginKind::kFlag:
      return "flag";
  }
  return {};
}

SettingValues SettingValues::gather(const Inputs& inputs, std::vector<Fault>& faults) {
  EnvFile env_file;
  if (inputs.env_file) {
    if (const auto text = read_text_file(*inputs.env_file)) {
      env_file = parse_env_file(*text, *inputs.env_file);
      faults.insert(faults.end(), env_file.faults.begin(), env_file.faults.end());
    } else {
      faults.push_back({"--env-file",
                        "must name a file that can be read: " + text.error().message,
                        *inputs.env_file,
                        {}});
    }
  }
  const Layer layers[] = {
      {inputs.flags, {OriginKind::kFlag, {}}},
      {inputs.environment, {OriginKind::kEnvironment, {}}},
      {env_file.variables, {OriginKind::kEnvFile, inputs.env_file.value_or("")}},
  };

  SettingValues gathered;
  for (const Layer& layer : layers) check_names(layer, faults);
  for (const Setting& setting : all_settings()) {
    const std::string key(setting.key);
    SettingValue value{std::string(setting.default_value), {}};
    for (const Layer& layer : layers) {
      auto found = find_in(layer, key, setting.secrecy, faults);
      if (!found) continue;
      value = *std::move(found);
      break;
    }
    check_rule(setting, value, faults);
    gathered.values_.insert_or_assign(key, std::move(value));
  }
  add_flag_options(inputs.kafka_options, gathered.kafka_options_, faults);
  for (const Layer& layer : layers) add_layer_options(layer, gathered.kafka_options_, faults);
  check_kafka_options(gathered.kafka_options_, faults);
  return gathered;
}

const SettingValue& SettingValues::of(std::string_view key) const {
  const auto found = values_.find(key);
  CDCLAKE_ASSERT(found != values_.end());
  return found->second;
}

}  // namespace cdclake::config
