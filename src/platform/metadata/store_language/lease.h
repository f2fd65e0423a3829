#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cdclake::metadata {

/// Who may change what. One holder a role at a time.
enum class Role : std::uint8_t {
  kBronzeWrite,
  kBronzeCompact,
  kSilverStage,
  kSilverMerge,
  kUpkeep
};
inline constexpr std::array kAllRoles = {Role::kBronzeWrite, Role::kBronzeCompact,
                                         Role::kSilverStage, Role::kSilverMerge, Role::kUpkeep};
std::string_view to_string(Role role);

/// Proof that this process holds a role. Every commit names it; a commit under an epoch that is
/// no longer the newest changes nothing and returns kConflict ("fenced").
struct LeaseGrant {
  Role role = Role::kBronzeWrite;
  std::int64_t epoch = 0;
  std::string holder;  ///< `host:pid`, for messages.
};

/// The newest epoch of a role, 0 where nobody ever held it, and when its holder last gave a sign.
struct LeaseState {
  std::int64_t epoch = 0;
  std::string holder;
  std::int64_t heartbeat_us = 0;
};

}  // namespace cdclake::metadata
