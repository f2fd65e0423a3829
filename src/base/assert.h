#pragma once

namespace cdclake {

/// Prints the broken invariant and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace cdclake

/// Aborts where an invariant of ours is broken; stays on in release builds, because a broken
/// invariant must not reach the lake. Never used for bad input or failing I/O.
#define CDCLAKE_ASSERT(condition)                                  \
  do {                                                             \
    if (!(condition)) [[unlikely]] {                               \
      ::cdclake::assertion_failed(#condition, __FILE__, __LINE__); \
    }                                                              \
  } while (false)
