#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/config/fault.h"

namespace cdclake::config {

struct EnvFile {
  std::map<std::string, std::string> variables;
  std::vector<Fault> faults;
};

/// Parses an env-file: a `KEY=value` a line, `export` allowed, `#` begins a comment at the start of
/// a line, values may stand in single quotes (nothing is special) or double quotes (`\"` and `\\`).
/// Nothing is expanded. A line that is none of this is a fault that names its number, never its
/// content. `path` is for messages.
EnvFile parse_env_file(std::string_view text, const std::string& path);

}  // namespace cdclake::config
