#pragma once

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "platform/commit/prepare.h"
#include "platform/commit/publisher.h"
#include "platform/commit/role_lease.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "testing/faulty_lake.h"
#include "testing/manual_clock.h"

namespace cdclake::testing {

/// A lake and its store, as one process opens them, in a folder that outlives it. Files hold text
/// that the test chooses. What fails ends the process with the reason.
class LakeScene {
 public:
  /// The `fails_at`-th operation that writes to the lake fails, and all after it.
  explicit LakeScene(const std::string& folder, int fails_at = std::numeric_limits<int>::max())
      : store_path_(folder + "/metadata/pipeline_meta.sqlite"),
        disk_(unwrap(lake::open_posix_lake({folder + "/bronze", folder + "/silver"}))),
        fs_(*disk_, fails_at, Fault::kForGood),
        store_(unwrap(
            metadata::MetadataStore::open(store_path_, metadata::Access::kReadWrite, clock_))) {}

  lake::LakeFs& fs() { return fs_; }
  metadata::MetadataStore& store() { return store_; }
  ManualClock& clock() { return clock_; }
  const std::string& store_path() const { return store_path_; }

  const metadata::LeaseGrant& lease(metadata::Role role) { return role_of(role).lease.grant(); }
  commit::Publisher& publisher(metadata::Role role) { return role_of(role).publisher; }

  RunId begin_run(metadata::Role role, const std::string& id) {
    metadata::Run run;
    run.id = RunId(id);
    run.job = std::string(to_string(role));
    run.started_us = clock_.now().time_since_epoch().count();
    run.ingestion_date = utc_date(clock_.now());
    check(store_.begin_run(lease(role), run));
    return run.id;
  }

  /// A sealed file of a role, ready to be committed.
  metadata::PreparedFile write(metadata::Role role, metadata::FileKind kind,
                               const lake::LakePath& final_path, const std::string& text) {
    auto file = commit::new_file(role, kind, final_path);
    const auto writer = unwrap(fs_.create(file.hidden));
    check(writer->append(text));
    return unwrap(commit::seal(fs_, *writer, std::move(file)));
  }

  static void check(const Status& status) {
    if (!status) give_up(status.error());
  }
  template <typename T>
  static T unwrap(Result<T> result) {
    if (!result) give_up(result.error());
    return std::move(*result);
  }

 private:
  struct HeldRole {
    HeldRole(commit::RoleLease taken, lake::LakeFs& fs, metadata::MetadataStore& store)
        : lease(std::move(taken)), publisher(fs, store, lease.grant()) {}
    commit::RoleLease lease;
    commit::Publisher publisher;
  };

  HeldRole& role_of(metadata::Role role) {
    std::unique_ptr<HeldRole>& held = roles_[role];
    if (held == nullptr) {
      held = std::make_unique<HeldRole>(
          unwrap(commit::RoleLease::take(store_, store_path_, role, clock_)), fs_, store_);
    }
    return *held;
  }

  [[noreturn]] static void give_up(const Error& error) {
    std::fprintf(stderr, "LakeScene: %s\n", error.message.c_str());
    std::_Exit(EXIT_FAILURE);
  }

  std::string store_path_;
  ManualClock clock_;
  std::unique_ptr<lake::LakeFs> disk_;
  FaultyLake fs_;
  metadata::MetadataStore store_;
  std::map<metadata::Role, std::unique_ptr<HeldRole>> roles_;
};

}  // namespace cdclake::testing
