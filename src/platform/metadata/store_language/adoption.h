#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

/// Tables that were made again beside the lake, in a lake of their own whose store is `store_path`:
/// stage and current of every table of their topics, and how far they read.
struct Adoption {
  LeaseGrant stage;
  LeaseGrant merge;
  RunId run;               ///< In which they were made; it goes on.
  std::string store_path;  ///< Nobody writes to it.
  /// Replaced as a whole: all tables that these topics feed, and nothing else feeds them.
  std::vector<std::string> topics;
  std::vector<TableKey> tables;
  /// Of the other store, already durable under the hidden names that `commit::new_file` would give
  /// them; each is committed by the role that makes such files.
  std::vector<PreparedFile> files;
  std::vector<FolderView> stage_views;    ///< Of `stage_events/…` and the quarantine.
  std::vector<FolderView> current_views;  ///< Of `current/…`.
};

}  // namespace cdclake::metadata
