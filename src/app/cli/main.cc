#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <new>
#include <string>
#include <vector>

#include "app/cli/command_line.h"
#include "app/cli/exit_code.h"

namespace {

// Writes all of it, or as much as the other side takes.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

// The next start goes on from what is committed, as after any other end.
[[noreturn]] void end_without_memory() {
  write_all(STDERR_FILENO,
            "cdclake: the system gives no more memory (ulimit -v, a container's limit): lower "
            "CDCLAKE_MEMORY_LIMIT or give it more\n");
  ::_exit(static_cast<int>(cdclake::cli::ExitCode::kUnreachable));
}

// Files hold what the tables hold: nobody else reads them, and no memory image of ours is left.
void guard_the_process() {
  ::umask(027);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // A closed stdout or stderr must not end the process.
  ::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(end_without_memory);
}

}  // namespace

int main(int count, char** words) {
  guard_the_process();
  const cdclake::cli::Speech speech{
      .out = [](std::string_view text) { write_all(STDOUT_FILENO, text); },
      .err = [](std::string_view text) { write_all(STDERR_FILENO, text); },
      .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  return static_cast<int>(cdclake::cli::run_command_line(arguments, environment(), speech));
}
