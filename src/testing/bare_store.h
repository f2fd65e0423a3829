#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "platform/metadata/metadata_store.h"
#include "testing/manual_clock.h"
#include "testing/temp_folder.h"

namespace cdclake::testing {

/// A real metadata store without a lake: its commits name files that are not there. Leases are
/// taken in the store alone, without lock files.
class BareStore {
 public:
  BareStore() : store_(open()) {}

  metadata::MetadataStore& operator*() { return store_; }
  metadata::MetadataStore* operator->() { return &store_; }
  const std::string& path() const { return path_; }
  ManualClock& clock() { return clock_; }

  /// The same store as another process would see it.
  metadata::MetadataStore open(metadata::Access access = metadata::Access::kReadWrite) {
    return unwrap(metadata::MetadataStore::open(path_, access, clock_));
  }

  const metadata::LeaseGrant& lease(metadata::Role role) {
    auto found = leases_.find(role);
    if (found == leases_.end())
      found = leases_.emplace(role, unwrap(store_.take_lease(role, "test:1", 0))).first;
    return found->second;
  }

  /// Begins a run of the role's job.
  RunId begin_run(metadata::Role role, const std::string& id) {
    metadata::Run run;
    run.id = RunId(id);
    run.job = std::string(to_string(role));
    run.started_us = clock_.now().time_since_epoch().count();
    run.ingestion_date = utc_date(clock_.now());
    check(store_.begin_run(lease(role), run));
    return run.id;
  }
  void end_run(metadata::Role role, const RunId& run) {
    check(store_.end_run(lease(role), run, metadata::RunStatus::kSuccess, "{}"));
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
  [[noreturn]] static void give_up(const Error& error) {
    std::fprintf(stderr, "BareStore: %s\n", error.message.c_str());
    std::abort();
  }

  TempFolder folder_;
  std::string path_ = folder_ / "metadata/pipeline_meta.sqlite";
  ManualClock clock_;
  metadata::MetadataStore store_;
  std::map<metadata::Role, metadata::LeaseGrant> leases_;
};

}  // namespace cdclake::testing
