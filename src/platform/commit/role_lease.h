#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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

/// What can be seen of a role without taking it.
struct RoleSign {
  metadata::Role role = metadata::Role::kBronzeWrite;
  std::string holder;             ///< The last one, `host:pid`.
  std::int64_t heartbeat_us = 0;  ///< Its last sign of life.
  std::int64_t epoch = 0;
  bool is_held = false;   ///< Its process is there.
  bool is_alive = false;  ///< And the sign is younger than 60 s.
};

/// The roles that were ever held. Changes nothing.
Result<std::vector<RoleSign>> look_at_roles(metadata::MetadataStore& store,
                                            const std::string& store_path, const Clock& clock);

}  // namespace cdclake::commit
