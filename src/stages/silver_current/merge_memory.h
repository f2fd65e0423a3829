#pragma once

#include <cstdint>

#include "base/result.h"
#include "stages/silver_current/key_moves.h"

namespace cdclake::silver_current {

/// How often a large row is in memory while it is read, gathered, encoded and compressed.
inline constexpr std::int64_t kTimesHeld = 10;

/// What each of the four may take between which a merge divides its memory.
std::int64_t share_of(std::int64_t memory_bytes_max);

/// What the changes of a bite may take where nothing less decides. Some can always be had.
std::int64_t changes_share_max(std::int64_t memory_bytes_max);

/// Of a table whose key moves need a larger bite than that: kInvalidConfig with the setting.
Error moves_too_far_apart(const MergeCut& cut);

}  // namespace cdclake::silver_current
