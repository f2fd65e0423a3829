#pragma once

#include <string>

#include "base/result.h"
#include "platform/metadata/sqlite/database.h"

namespace cdclake::metadata {

/// Sees to it that the store's file is there and on a local disk. For kReadWrite it makes missing
/// folders and an empty file that only its owner reads; for kReadOnly it makes nothing.
Status prepare_store_file(const std::string& path, Access access);

/// Keeps a copy of an open store as it is, durable, under a name beside it. One that is there
/// already stays: it was whole when it got the name.
Status keep_store_copy(Database& database, const std::string& kept);

struct StoreReplacement {
  std::string made;  ///< A store that nobody has open.
  std::string path;  ///< Where it shall be.
  std::string kept;  ///< What the store there before, if any, is called afterwards.
};
/// Durable when this returns. Crash: a store is at `path` whole, with its log, or none is.
Status replace_store_file(const StoreReplacement& files);

}  // namespace cdclake::metadata
