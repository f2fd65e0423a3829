#include "platform/config/setting.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <vector>

#include "platform/config/byte_size.h"

namespace cdclake::config {
namespace {

constexpr std::size_t kNameBytesMax = 100;

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> parts;
  while (!words.empty()) {
    const std::size_t bar = std::min(words.find('|'), words.size());
    parts.push_back(words.substr(0, bar));
    words.remove_prefix(std::min(bar + 1, words.size()));
  }
  return parts;
}

bool is_one_of(std::string_view value, std::string_view words) {
  const auto parts = split_words(words);
  return std::find(parts.begin(), parts.end(), value) != parts.end();
}

bool is_whole_number(std::string_view value, const Rule& rule) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() && number >= rule.at_least &&
         number <= rule.at_most;
}

bool is_byte_size(std::string_view value, const Rule& rule) {
  const auto bytes = parse_byte_size(value);
  return bytes && *bytes >= rule.at_least && *bytes <= rule.at_most;
}

// An object store looks like a path to a careless eye; we would make a folder called `s3:`.
bool is_local_path(std::string_view value) { return value.find("://") == std::string_view::npos; }

bool is_name(std::string_view value) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  return value.size() <= kNameBytesMax && std::ranges::all_of(value, is_plain);
}

bool keeps(const Rule& rule, std::string_view value) {
  switch (rule.kind) {
    case Rule::Kind::kText:
    case Rule::Kind::kList:
      return true;
    case Rule::Kind::kName:
      return is_name(value);
    case Rule::Kind::kPath:
      return is_local_path(value);
    case Rule::Kind::kWholeNumber:
      return is_whole_number(value, rule);
    case Rule::Kind::kByteSize:
      return is_byte_size(value, rule);
    case Rule::Kind::kOneOf:
      return is_one_of(value, rule.words);
  }
  return false;
}

std::string describe_words(std::string_view words) {
  const auto parts = split_words(words);
  if (parts.size() == 1) return "'" + std::string(parts.front()) + "'";
  std::string text = "one of ";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace

std::string describe(const Rule& rule) {
  switch (rule.kind) {
    case Rule::Kind::kText:
      return "text";
    case Rule::Kind::kName:
      return "1 to " + std::to_string(kNameBytesMax) + " letters, digits, _, - and .";
    case Rule::Kind::kPath:
      return "a path on a local disk";
    case Rule::Kind::kWholeNumber:
      return "a whole number from " + std::to_string(rule.at_least) + " to " +
             std::to_string(rule.at_most);
    case Rule::Kind::kByteSize:
      return "a size from " + byte_size_text(rule.at_least) + " to " +
             byte_size_text(rule.at_most) + ", in KiB, MiB or GiB";
    case Rule::Kind::kOneOf:
      return describe_words(rule.words);
    case Rule::Kind::kList:
      return "a list separated by commas";
  }
  return {};
}

std::optional<std::string> broken_rule(const Rule& rule, std::string_view value) {
  if (value.empty() || keeps(rule, value)) return std::nullopt;
  return describe(rule);
}

bool names_a_secret(std::string_view name) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"password", "passphrase", "secret", "token", "jaas", "basic.auth", "ssl.key", "access.key",
       "credential", "private.key", "oauthbearer.config"});
  std::string folded(name);
  for (char& letter : folded) {
    letter =
        letter == '_' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  // The name of a key file is no secret, the key is.
  if (folded.ends_with(".location")) return false;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

}  // namespace cdclake::config
