#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace cdclake {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "cdclake: invariant broken, stopping before it reaches the lake: %s (%s:%d)\n",
               condition, file, line);
  std::abort();
}

}  // namespace cdclake
