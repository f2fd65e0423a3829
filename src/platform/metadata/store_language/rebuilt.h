#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

/// What the files of a lake say, from which a lost store is made again.
namespace cdclake::metadata {

/// A file of Bronze, at its final path.
struct RebuiltFile {
  BronzeFile bronze;
  RunId run;
  std::int64_t committed_us = 0;
};

/// A table that was typed from outside the messages, and by which settings of the connector.
struct RebuiltTable {
  model::TableId id;
  std::map<std::string, std::string> outside_settings;
};

/// An old side of a swapped folder, or what was moved out of sight.
struct RebuiltAside {
  Role role = Role::kBronzeCompact;  ///< Who clears it away after the grace period.
  lake::LakePath path;
};

struct RebuiltStore {
  std::string bronze_id;                ///< Of the lake's Bronze root. Silver binds later.
  std::map<Role, std::int64_t> epochs;  ///< The next holder's are greater.
  std::vector<Run> runs;                ///< In the order of their starts.
  std::vector<RebuiltFile> files;       ///< In commit order.
  std::vector<model::Gap> gaps;
  Run rebuild;  ///< Under which the rest is recorded.
  std::vector<PreparedFile> schema_files;
  std::vector<RebuiltTable> tables;
  std::vector<RebuiltAside> asides;
  std::int64_t files_named = 0;  ///< Numbers of files go on after it.
};

}  // namespace cdclake::metadata
