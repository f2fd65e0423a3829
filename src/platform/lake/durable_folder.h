#pragma once

#include <filesystem>

namespace cdclake::lake {

/// Creates the folder and those above it, where they are missing, so that they survive a power cut:
/// also where they come from a process that died before its fsync. `folder` is absolute. Returns an
/// errno, 0 where it is there.
int make_durable_folder(const std::filesystem::path& folder);

}  // namespace cdclake::lake
