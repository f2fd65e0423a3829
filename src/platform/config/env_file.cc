#include "platform/config/env_file.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace cdclake::config {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_key(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '_';
         });
}

// The value without its quotes, or nothing where a quote is not closed at the end.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::string(text);
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool escaped = quote == '"' && text[i] == '\\' && i + 1 < text.size();
    if (escaped) {
      out += text[++i];
    } else if (text[i] == quote) {
      return i + 1 == text.size() ? std::optional(out) : std::nullopt;
    } else {
      out += text[i];
    }
  }
  return std::nullopt;
}

// True if the line is empty, a comment or a variable that was taken.
bool take_line(std::string_view line, std::map<std::string, std::string>& variables) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return true;
  if (line.starts_with("export ")) line = trimmed(line.substr(7));
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || !is_key(trimmed(line.substr(0, equals)))) return false;
  auto value = unquoted(trimmed(line.substr(equals + 1)));
  if (!value) return false;
  variables[std::string(trimmed(line.substr(0, equals)))] = *std::move(value);
  return true;
}

}  // namespace

EnvFile parse_env_file(std::string_view text, const std::string& path) {
  EnvFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!take_line(text.substr(0, end), file.variables)) {
      file.faults.push_back({.key = "--env-file",
                             .rule = "line " + std::to_string(number) +
                                     " must be KEY=value, with quotes closed if there are any",
                             .value = {},
                             .origin = path});
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return file;
}

}  // namespace cdclake::config
