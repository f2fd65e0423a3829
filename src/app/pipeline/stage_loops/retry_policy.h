#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace cdclake::pipeline {

/// How long a stage goes on.
enum class Mode : std::uint8_t {
  kOnce,       ///< To the end that was seen at the start; the first error ends it.
  kKeepGoing,  ///< Until it is stopped; what may pass is waited for.
};

/// How long to wait before the work is begun anew, or nothing: give up and say why.
///
/// Waits double from a quarter of a second to half a minute, so that a broker that comes back is
/// noticed soon and one that stays away is not hammered. `failures` counts those in a row, from 1.
std::optional<std::chrono::milliseconds> wait_before_retry(ErrorKind kind, int failures, Mode mode);

}  // namespace cdclake::pipeline
