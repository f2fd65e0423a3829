#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "platform/commit/role_lease.h"
#include "platform/config/config.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::pipeline {

/// A partition, from its records to the stage.
struct PartitionStatus {
  metadata::PartitionCounts counts;
  std::int64_t bronze_next = 0;
  std::int64_t stage_next = 0;
  std::optional<metadata::StageWait> wait;  ///< Why the stage does not go on, if so.
  /// Of the source, when it was last asked; nothing where it cannot be asked.
  std::optional<model::PartitionEnd> end;
  std::optional<model::PartitionStop> stop;  ///< Why it is read no further, if so.

  /// Offsets between Bronze and the source's end.
  std::optional<std::int64_t> lag() const;
};

/// A table, from the stage to its current version.
struct TableStatus {
  metadata::Table table;
  std::optional<metadata::CurrentVersion> version;
  std::int64_t unmerged_offsets = 0;  ///< Staged offsets of its topics past its merge progress.
  std::vector<std::string> held_back;
  std::vector<metadata::Flaw> flaws;

  std::int64_t current_rows() const;
  std::int64_t current_bytes() const;
  /// Equal to its source at the merged position, as far as we know.
  bool is_exact() const;
};

/// What is in the lake, as the metadata store says it at one moment a part.
struct LakeStatus {
  std::vector<metadata::Run> runs;  ///< Newest first.
  std::vector<PartitionStatus> partitions;
  std::vector<TableStatus> tables;
  std::vector<model::Gap> gaps;

  /// Whether every table is exact, no partition waits or is stopped, and none holds only what we
  /// cannot read.
  bool is_complete() const;
  /// Whether a partition is read no further.
  bool has_stops() const;
};

/// Opens the store to look at it. kInvalidConfig where there is none yet.
Result<metadata::MetadataStore> open_store_to_read(const config::LakeConfig& lake,
                                                   const Clock& clock);

/// Who works on the lake, or did last: the roles that were ever held.
Result<std::vector<commit::RoleSign>> read_roles(metadata::MetadataStore& store,
                                                 const config::LakeConfig& lake,
                                                 const Clock& clock);

Result<LakeStatus> read_lake_status(metadata::MetadataStore& store, std::int64_t runs_max);

/// `public.users is INEXACT from topic/0 offset 17 (QUARANTINED: …)`: one line for each thing that
/// keeps a table from being equal to its source. Of many like each other the first ten, and a
/// count.
std::vector<std::string> complaints(const LakeStatus& status);
/// The same, of partitions that are read no further alone.
std::vector<std::string> stop_complaints(const LakeStatus& status);

}  // namespace cdclake::pipeline
