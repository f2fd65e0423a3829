#include "platform/commit/role_lease.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "platform/commit/lock_file.h"
#include "platform/commit/lock_place.h"

namespace cdclake::commit {
namespace {

constexpr std::chrono::seconds kSilenceMax{60};

std::string this_process() {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return std::string(host) + ":" + std::to_string(::getpid());
}

std::chrono::microseconds silence_of(const metadata::LeaseState& state, const Clock& clock) {
  return clock.now().time_since_epoch() - std::chrono::microseconds(state.heartbeat_us);
}

/// Lock files of epochs before ours. Nobody can take a role by them any more: the store's epoch is
/// ahead. A file that cannot be removed does no harm.
void remove_older(const LockPlace& place, std::int64_t epoch) {
  std::error_code ignored;
  for (const std::int64_t found : place.epochs()) {
    if (found < epoch) std::filesystem::remove(place.of(found), ignored);
  }
}

tl::unexpected<Error> held(const LockPlace& place, const std::string& holder,
                           std::chrono::microseconds silence) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
  return fail(ErrorKind::kConflict,
              "another process holds the role (stop it, or wait): role=" + place.role +
                  " holder=" + holder + " last sign=" + std::to_string(seconds) + " s ago");
}

}  // namespace

class RoleLease::Impl {
 public:
  Impl(metadata::MetadataStore& store_in, metadata::LeaseGrant grant_in, LockFile lock_in)
      : store(store_in), grant(std::move(grant_in)), lock(std::move(lock_in)) {}

  metadata::MetadataStore& store;
  metadata::LeaseGrant grant;
  LockFile lock;
};

Result<RoleLease> RoleLease::take(metadata::MetadataStore& store, const std::string& store_path,
                                  metadata::Role role, const Clock& clock) {
  CDCLAKE_ASSIGN_OR_RETURN(const LockPlace place, make_place(store_path, role));
  CDCLAKE_ASSIGN_OR_RETURN(const auto state, store.lease_state(role));
  const std::chrono::microseconds silence = silence_of(state, clock);
  // Held until the end of this function, so that of two that find a dead holder one goes on.
  std::optional<LockFile> last;
  if (state.epoch > 0) {
    CDCLAKE_ASSIGN_OR_RETURN(last, LockFile::try_lock(place.of(state.epoch)));
    if (!last && silence < kSilenceMax) return held(place, state.holder, silence);
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto lock, LockFile::try_lock(place.of(state.epoch + 1)));
  if (!lock) return held(place, "a process that is just starting", std::chrono::seconds(0));
  CDCLAKE_ASSIGN_OR_RETURN(auto grant, store.take_lease(role, this_process(), state.epoch));
  remove_older(place, grant.epoch);
  return RoleLease(std::make_unique<Impl>(store, std::move(grant), std::move(*lock)));
}

RoleLease::RoleLease(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RoleLease::RoleLease(RoleLease&&) noexcept = default;
RoleLease& RoleLease::operator=(RoleLease&&) noexcept = default;
RoleLease::~RoleLease() = default;

Result<std::vector<RoleSign>> look_at_roles(metadata::MetadataStore& store,
                                            const std::string& store_path, const Clock& clock) {
  std::vector<RoleSign> signs;
  for (const auto role : metadata::kAllRoles) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto state, store.lease_state(role));
    if (state.epoch == 0) continue;
    const LockPlace place = place_of(store_path, role);
    CDCLAKE_ASSIGN_OR_RETURN(const bool is_held, LockFile::is_locked(place.of(state.epoch)));
    signs.push_back({.role = role,
                     .holder = state.holder,
                     .heartbeat_us = state.heartbeat_us,
                     .epoch = state.epoch,
                     .is_held = is_held,
                     .is_alive = is_held && silence_of(state, clock) < kSilenceMax});
  }
  return signs;
}

const metadata::LeaseGrant& RoleLease::grant() const { return impl_->grant; }

Status RoleLease::heartbeat() { return impl_->store.heartbeat(impl_->grant); }

}  // namespace cdclake::commit
