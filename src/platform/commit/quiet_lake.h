#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/commit/lock_file.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::commit {

/// Keeps every role from being taken for the life of the object, by the lock files alone: for work
/// in which the store itself changes places. What only reads goes on.
class QuietLake {
 public:
  /// kConflict where anybody holds a role, however long ago it gave a sign: what is stopped now may
  /// wake up.
  static Result<QuietLake> take(const std::string& store_path);

  /// Of each role the epoch after every one that its lock files know.
  const std::map<metadata::Role, std::int64_t>& epochs() const { return epochs_; }

 private:
  std::vector<LockFile> locks_;
  std::map<metadata::Role, std::int64_t> epochs_;
};

}  // namespace cdclake::commit
