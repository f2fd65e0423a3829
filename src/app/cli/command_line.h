#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cli/command.h"

namespace cdclake::cli {

/// Finds the command that `words` (without the program's name) call, and runs it. Prints help and
/// version itself. An unknown command or flag is refused with the one that was meant, before any
/// command starts.
ExitCode run_command_line(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& environment,
                          const Speech& speech);

}  // namespace cdclake::cli
