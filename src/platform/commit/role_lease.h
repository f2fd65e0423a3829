#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::commit {

/// Holds a role for the life of the object: a lock on `<METADATA_DB>.lease/<role>.<epoch>`
/// (open-file-description lock, so a dead process frees it) and an epoch in the store.
///
/// A free lock is taken at once; one that is held with a heartbeat younger than 60 s gives
/// kConflict with the holder's name; one that is held and older is taken over by a higher epoch,
/// and the old holder is fenced at its next transaction.
class RoleLease {
 public:
  static Result<RoleLease> take(metadata::MetadataStore& store, const std::string& store_path,
                                metadata::Role role, const Clock& clock);
  RoleLease(RoleLease&&) noexcept;
  RoleLease& operator=(RoleLease&&) noexcept;
  ~RoleLease();  ///< Frees the lock; the epoch stays.

  const metadata::LeaseGrant& grant() const;
  /// Call at least every 20 s.
  Status heartbeat();

 private:
  class Impl;
  explicit RoleLease(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::commit
