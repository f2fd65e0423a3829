#include "stages/silver_current/merge_memory.h"

#include <algorithm>

namespace cdclake::silver_current {

std::int64_t share_of(std::int64_t memory_bytes_max) {
  return std::max<std::int64_t>(1, memory_bytes_max / 4);
}

std::int64_t changes_share_max(std::int64_t memory_bytes_max) {
  return std::max<std::int64_t>(32 << 20, memory_bytes_max / 2);
}

Error moves_too_far_apart(const MergeCut& cut) {
  return {ErrorKind::kInvalidConfig,
          "key moves wait for each other over more changes than memory holds: raise "
          "CDCLAKE_MEMORY_LIMIT" +
              (cut.held_back.empty() ? "" : ": " + cut.held_back.front())};
}

}  // namespace cdclake::silver_current
