#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cdclake::config {

/// Which part of the road a setting belongs to; a command takes the flags of its groups.
enum class Group : std::uint8_t {
  kLake,
  kMemory,
  kLog,
  kKafka,
  kRecorded,
  kBronze,
  kTypes,
  kUpkeep
};

/// Whether a value may be shown. A secret has no flag: arguments are visible to every user of the
/// machine. It may be given by `<KEY>_FILE` instead.
enum class Secrecy : std::uint8_t { kOpen, kSecret };

/// What a value must look like.
struct Rule {
  enum class Kind : std::uint8_t { kText, kName, kPath, kWholeNumber, kByteSize, kOneOf, kList };
  Kind kind = Kind::kText;
  std::int64_t at_least = 0;  ///< kWholeNumber, kByteSize.
  std::int64_t at_most = 0;   ///< kWholeNumber, kByteSize, inclusive.
  std::string_view words;     ///< kOneOf: separated by '|'.

  static constexpr Rule text() { return {}; }
  static constexpr Rule name() { return {Kind::kName, 0, 0, {}}; }
  static constexpr Rule path() { return {Kind::kPath, 0, 0, {}}; }
  static constexpr Rule list() { return {Kind::kList, 0, 0, {}}; }
  static constexpr Rule whole_number(std::int64_t at_least, std::int64_t at_most) {
    return {Kind::kWholeNumber, at_least, at_most, {}};
  }
  static constexpr Rule byte_size(std::int64_t at_least, std::int64_t at_most) {
    return {Kind::kByteSize, at_least, at_most, {}};
  }
  static constexpr Rule one_of(std::string_view words) { return {Kind::kOneOf, 0, 0, words}; }
};

/// One setting: the only place where its name, flag, default and meaning are written. Help,
/// `config show`, `config check` and docs/configuration.md follow from it.
struct Setting {
  std::string_view key;   ///< Of the environment and of env-files.
  std::string_view flag;  ///< With dashes; empty: none.
  std::string_view value_name;
  std::string_view default_value;
  Rule rule;
  Group group = Group::kLake;
  Secrecy secrecy = Secrecy::kOpen;
  std::string_view help;
};

/// Every setting, by group, in the order in which people meet them.
std::span<const Setting> all_settings();
const Setting* find_setting(std::string_view key);

/// The variables that begin with `CDCLAKE_` and are read by scripts and tests, not by a stage.
std::span<const std::string_view> tooling_variables();

/// Pass-through of librdkafka options: `CDCLAKE_KAFKA_SECURITY_PROTOCOL` is `security.protocol`.
inline constexpr std::string_view kKafkaPrefix = "CDCLAKE_KAFKA_";

/// The rule in words, as messages and docs print it: `a whole number from 1 to 65535`.
std::string describe(const Rule& rule);
/// Nothing if the value keeps the rule; else the rule in words. Empty values always pass: whether
/// a value is needed depends on the command.
std::optional<std::string> broken_rule(const Rule& rule, std::string_view value);

/// Whether a name says that its value is a secret: password, token, jaas, private keys.
bool names_a_secret(std::string_view name);

}  // namespace cdclake::config
