#pragma once

#include <functional>
#include <string>

namespace cdclake::testing {

enum class Ending { kReturned, kFailed, kKilled };

/// Runs `code` in a process of its own with `CDCLAKE_FAILPOINT=failpoint` (empty: none) and waits:
/// kReturned or kFailed by what `code` returns, kKilled where a failpoint ended it.
Ending run_in_child(const std::string& failpoint, const std::function<bool()>& code);

}  // namespace cdclake::testing
