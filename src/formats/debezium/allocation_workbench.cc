#include "formats/debezium/allocation_workbench.h"

#include <atomic>
#include <cstdlib>
#include <new>

// Sanitizers bring an operator new of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CDCLAKE_COUNTS_ALLOCATIONS
#endif

#ifdef CDCLAKE_COUNTS_ALLOCATIONS
// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is the operator that others stand on.
namespace {
std::atomic<std::int64_t> count{0};
}  // namespace

// Kept out of sight of each other, since gcc takes the pair for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++count;
  if (void* bytes = std::malloc(size)) return bytes;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* bytes) noexcept { std::free(bytes); }
[[gnu::noinline]] void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }
// NOLINTEND(cppcoreguidelines-no-malloc)
#endif

namespace cdclake::debezium {

std::optional<std::int64_t> allocation_count() {
#ifdef CDCLAKE_COUNTS_ALLOCATIONS
  return count;
#else
  return std::nullopt;
#endif
}

}  // namespace cdclake::debezium
