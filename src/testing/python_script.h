#pragma once

#include <string>
#include <vector>

namespace cdclake::testing {

/// How a script of a reader that is not ours ended.
struct ScriptResult {
  int exit_code = 0;
  std::string output;  ///< What it printed, errors included.
};

/// What is wrong with the Python that has pyarrow and DuckDB; empty where it is as script/bootstrap
/// leaves it.
std::string trouble_with_readers();

/// Runs a script of the repository, named by its path from the root, and waits for it.
ScriptResult run_python(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace cdclake::testing
