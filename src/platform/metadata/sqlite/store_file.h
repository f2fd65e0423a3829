#pragma once

#include <string>

#include "base/result.h"
#include "platform/metadata/sqlite/database.h"

namespace cdclake::metadata {

/// Sees to it that the store's file is there and on a local disk. For kReadWrite it makes missing
/// folders and an empty file that only its owner reads; for kReadOnly it makes nothing.
Status prepare_store_file(const std::string& path, Access access);

}  // namespace cdclake::metadata
