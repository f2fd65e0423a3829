#include "formats/debezium/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

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

namespace cdclake::debezium {

std::int64_t allocation_count() { return count; }

}  // namespace cdclake::debezium
