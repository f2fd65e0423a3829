#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "platform/commit/role_lease.h"
#include "platform/metadata/metadata_store.h"
#include "testing/temp_lake.h"

namespace cdclake::testing {

/// A real metadata store beside a temporary lake. What fails ends the test program with the reason.
class TempStore {
 public:
  /// Both must outlive the store.
  TempStore(TempLake& lake, const Clock& clock);

  metadata::MetadataStore& operator*() { return *store_; }
  metadata::MetadataStore* operator->() { return &*store_; }
  /// The lease of a role, taken at first use.
  const metadata::LeaseGrant& lease(metadata::Role role);

  /// Lets go of leases and store, as a process does that ends. Before a fork, too.
  void close();
  /// Closes, and opens the store anew, as the next process does.
  void reopen();

  const std::string& path() const { return path_; }

 private:
  void open();

  const Clock& clock_;
  std::string path_;
  std::optional<metadata::MetadataStore> store_;
  std::map<metadata::Role, commit::RoleLease> leases_;
};

}  // namespace cdclake::testing
