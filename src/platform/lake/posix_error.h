#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cdclake::lake {

/// An error of the operating system as ours: what was attempted, why it failed, what to do, where.
/// Disk errors are kUnavailable; a symbolic link inside the lake is kCorrupt; what the file system
/// cannot do at all is kInvalidConfig.
tl::unexpected<Error> fail_with_errno(std::string_view attempted, std::string_view where, int code);

}  // namespace cdclake::lake
