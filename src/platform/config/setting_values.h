#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/config/fault.h"
#include "platform/config/setting.h"

namespace cdclake::config {

/// Everything that may carry settings, as a process finds it.
struct Inputs {
  std::map<std::string, std::string> flags{};  ///< By key of the setting.
  std::vector<std::string> kafka_options{};    ///< Each `option=value`, as `--kafka` takes them.
  std::map<std::string, std::string> environment{};
  std::optional<std::string> env_file{};  ///< Its path.
};

enum class OriginKind : std::uint8_t { kDefault, kEnvFile, kEnvironment, kFlag };

/// Where a value came from. `path` names the env-file, or the file that held a secret.
struct Origin {
  OriginKind kind = OriginKind::kDefault;
  std::string path;
};
std::string to_string(const Origin& origin);

struct SettingValue {
  std::string text;
  Origin origin;
};

/// The text of every setting after flags, environment, env-file and defaults were laid over each
/// other, in this order. An empty value counts as none, as compose files write them.
class SettingValues {
 public:
  /// Finds every fault: unknown `CDCLAKE_*` keys (with the one that was meant), values that break
  /// their rule, secrets on the command line, files that cannot be read. Reads the env-file and
  /// the files of secrets; changes nothing.
  static SettingValues gather(const Inputs& inputs, std::vector<Fault>& faults);

  /// `key` must name a setting.
  const SettingValue& of(std::string_view key) const;
  /// The librdkafka options that are passed through, by their own names.
  const std::map<std::string, SettingValue>& kafka_options() const { return kafka_options_; }

 private:
  std::map<std::string, SettingValue, std::less<>> values_;
  std::map<std::string, SettingValue> kafka_options_;
};

}  // namespace cdclake::config
