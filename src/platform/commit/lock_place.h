#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::commit {

/// Where the lock files of a role lie: `<METADATA_DB>.lease/<role>.<epoch>`.
struct LockPlace {
  std::string folder;
  std::string role;

  std::string of(std::int64_t epoch) const {
    return folder + "/" + role + "." + std::to_string(epoch);
  }
  /// Those of which there is a file, in no order.
  std::vector<std::int64_t> epochs() const;
};

/// One folder of locks for one store, by whatever symbolic link it was named.
LockPlace place_of(const std::string& store_path, metadata::Role role);
/// The same, with the folder made where it is missing.
Result<LockPlace> make_place(const std::string& store_path, metadata::Role role);

}  // namespace cdclake::commit
