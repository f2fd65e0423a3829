#include "app/pipeline/stage_loops/lease_keeper.h"

#include <stop_token>
#include <thread>
#include <utility>

#include "app/pipeline/stage_loops/stage_loop.h"
#include "base/assert.h"
#include "platform/commit/role_lease.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::pipeline {
class LeaseKeeper::Impl {
 public:
  Impl(metadata::MetadataStore store, std::chrono::milliseconds between_heartbeats)
      : store_(std::move(store)), between_heartbeats_(between_heartbeats) {}

  ~Impl() {
    // The thread must not beat a lease that is being given up.
    if (beating_.joinable()) {
      beating_.request_stop();
      beating_.join();
    }
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status take(const std::string& store_path, const std::vector<metadata::Role>& roles,
              const Clock& clock) {
    for (const metadata::Role role : roles) {
      CDCLAKE_ASSIGN_OR_RETURN(auto lease,
                               commit::RoleLease::take(store_, store_path, role, clock));
      leases_.push_back(std::move(lease));
    }
    return {};
  }

  void start(Lost lost) {
    beating_ = std::jthread([this, lost = std::move(lost)](const std::stop_token& stop) {
      beat_until_stopped_or_lost(stop, lost);
    });
  }

  const metadata::LeaseGrant* find(metadata::Role role) const {
    for (const commit::RoleLease& lease : leases_) {
      if (lease.grant().role == role) return &lease.grant();
    }
    return nullptr;
  }

 private:
  void beat_until_stopped_or_lost(const std::stop_token& stop, const Lost& lost) {
    for (wait_for(between_heartbeats_, stop); !stop.stop_requested();
         wait_for(between_heartbeats_, stop)) {
      for (commit::RoleLease& lease : leases_) {
        const Status status = lease.heartbeat();
        // A busy disk costs one beat; the next comes long before anyone takes the role over.
        if (status || status.error().kind != ErrorKind::kConflict) continue;
        lost(status.error());
        return;
      }
    }
  }

  metadata::MetadataStore store_;
  std::chrono::milliseconds between_heartbeats_;
  std::vector<commit::RoleLease> leases_;
  std::jthread beating_;
};

Result<LeaseKeeper> LeaseKeeper::take(const std::string& store_path,
                                      const std::vector<metadata::Role>& roles, const Clock& clock,
                                      Lost lost, std::chrono::milliseconds between_heartbeats) {
  CDCLAKE_ASSIGN_OR_RETURN(
      auto store, metadata::MetadataStore::open(store_path, metadata::Access::kReadWrite, clock));
  auto impl = std::make_unique<Impl>(std::move(store), between_heartbeats);
  CDCLAKE_RETURN_IF_ERROR(impl->take(store_path, roles, clock));
  impl->start(std::move(lost));
  return LeaseKeeper(std::move(impl));
}

LeaseKeeper::LeaseKeeper(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LeaseKeeper::LeaseKeeper(LeaseKeeper&&) noexcept = default;
LeaseKeeper& LeaseKeeper::operator=(LeaseKeeper&&) noexcept = default;
LeaseKeeper::~LeaseKeeper() = default;

bool LeaseKeeper::holds(metadata::Role role) const { return impl_->find(role) != nullptr; }

const metadata::LeaseGrant& LeaseKeeper::grant(metadata::Role role) const {
  const metadata::LeaseGrant* grant = impl_->find(role);
  CDCLAKE_ASSERT(grant != nullptr);
  return *grant;
}

}  // namespace cdclake::pipeline
