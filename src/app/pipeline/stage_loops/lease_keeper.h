#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::pipeline {

/// Holds the roles of this process and keeps their heartbeats going in a thread of its own, so that
/// a long merge does not look like a dead process.
class LeaseKeeper {
 public:
  static constexpr std::chrono::milliseconds kBetweenHeartbeats{10'000};

  /// Called from the keeper's thread, once, when another process has taken a role over.
  using Lost = std::function<void(Error)>;

  /// Takes all roles or none: kConflict names the holder of the first that is not free. `clock`
  /// must outlive the keeper.
  static Result<LeaseKeeper> take(
      const std::string& store_path, const std::vector<metadata::Role>& roles, const Clock& clock,
      Lost lost, std::chrono::milliseconds between_heartbeats = kBetweenHeartbeats);
  LeaseKeeper(LeaseKeeper&&) noexcept;
  LeaseKeeper& operator=(LeaseKeeper&&) noexcept;
  ~LeaseKeeper();  ///< Gives the roles up.

  bool holds(metadata::Role role) const;
  /// `role` must be one of those taken. The grant lives as long as the keeper.
  const metadata::LeaseGrant& grant(metadata::Role role) const;

 private:
  class Impl;
  explicit LeaseKeeper(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::pipeline
