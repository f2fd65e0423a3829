#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "platform/lake/beneath.h"

namespace cdclake::commit {

/// An exclusive lock on a file, held by this object alone (open-file-description lock): it ends
/// with the object or with the process, however that ends.
class LockFile {
 public:
  /// Creates the file where it is missing. Nothing where somebody else holds the lock.
  static Result<std::optional<LockFile>> try_lock(const std::string& path);
  /// Whether somebody holds the lock, without taking it. A file that is not there is not locked.
  static Result<bool> is_locked(const std::string& path);

 private:
  explicit LockFile(lake::Descriptor file) : file_(std::move(file)) {}
  lake::Descriptor file_;
};

}  // namespace cdclake::commit
