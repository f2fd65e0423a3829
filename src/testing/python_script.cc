#include "testing/python_script.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace cdclake::testing {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

ScriptResult run(const std::string& command) {
  ScriptResult result{.exit_code = -1, .output = {}};
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return result;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    result.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace

std::string trouble_with_readers() {
  const std::string python = environment("CDCLAKE_PYTHON");
  if (python.empty()) return "CDCLAKE_PYTHON names no Python; ctest sets it";
  const ScriptResult tried = run(quoted(python) + " -c 'import duckdb, pandas, pyarrow'");
  return tried.exit_code == 0 ? "" : tried.output + "(script/bootstrap installs these)";
}

ScriptResult run_python(const std::string& script, const std::vector<std::string>& arguments) {
  std::string command = quoted(environment("CDCLAKE_PYTHON")) + " " +
                        quoted(environment("CDCLAKE_SOURCE_DIR") + "/" + script);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  return run(command);
}

}  // namespace cdclake::testing
