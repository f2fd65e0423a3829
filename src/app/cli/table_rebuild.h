#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace cdclake::cli {

/// Makes stage and current of a table, and of all that share its topics, again from Bronze, to new
/// files that take the old ones' place in one step. Gives the names of the tables.
Result<std::vector<std::string>> rebuild_tables(const config::Config& config,
                                                const std::string& table, const Speech& speech);

}  // namespace cdclake::cli
