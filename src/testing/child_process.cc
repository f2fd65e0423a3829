#include "testing/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/assert.h"

namespace cdclake::testing {

Ending run_in_child(const std::string& failpoint, const std::function<bool()>& code) {
  // Set before the fork: a process that has reached a failpoint reads the variable in the fork.
  ::setenv("CDCLAKE_FAILPOINT", failpoint.c_str(), 1);
  const pid_t child = ::fork();
  CDCLAKE_ASSERT(child >= 0);
  if (child == 0) ::_exit(code() ? 0 : 1);
  ::unsetenv("CDCLAKE_FAILPOINT");
  int status = 0;
  CDCLAKE_ASSERT(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    CDCLAKE_ASSERT(WTERMSIG(status) == SIGKILL);
    return Ending::kKilled;
  }
  return WEXITSTATUS(status) == 0 ? Ending::kReturned : Ending::kFailed;
}

}  // namespace cdclake::testing
