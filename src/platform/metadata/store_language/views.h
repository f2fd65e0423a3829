#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/metadata/store_language/commits.h"

/// What the store answers.
namespace cdclake::metadata {

enum class RunStatus : std::uint8_t { kRunning, kSuccess, kFailed, kAborted };
std::string_view to_string(RunStatus status);  ///< `RUNNING`, `SUCCESS`, `FAILED`, `ABORTED`, as
                                               ///< the first version wrote them.

struct Run {
  RunId id;
  std::string job;  ///< `bronze_write`, `bronze_compact`, `silver_stage`, `silver_merge`,
                    ///< `upkeep`.
  std::int64_t started_us = 0;
  std::optional<std::int64_t> ended_us;
  RunStatus status = RunStatus::kRunning;
  std::string ingestion_date;  ///< UTC date of the start.
  std::string details;         ///< JSON; for a Bronze run what its manifests need.
};

/// A Bronze file as a place of segments.
struct StoredBronzeFile {
  FileId id;
  lake::LakePath path;  ///< Where readers find it: its final path.
  RunId run;
  std::string topic;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  FileKind kind = FileKind::kBronzePart;
  std::vector<model::Segment> segments;  ///< In the order in which the rows came.
};

/// A folder of a run that compaction may replace: all its parts are published.
struct CompactableFolder {
  RunId run;
  std::string topic;
  lake::LakePath folder;
  std::vector<StoredBronzeFile> parts;  ///< In commit order.
};

enum class TableState : std::uint8_t {
  kActive,
  kRefused,  ///< No types, and its rows wait, or no key that can be one; `reason` says which.
  kStopped,  ///< The merge must not or cannot go on with it; `reason` says why.
};

struct Table {
  TableKey key = 0;
  model::TableId id;
  std::string path_segment;  ///< Of its folders in Silver.
  TableState state = TableState::kActive;
  std::string reason;
  std::vector<std::string> topics;  ///< That have fed it.
  /// The connector's settings by which its rows were typed from outside the messages; empty: none
  /// was.
  std::map<std::string, std::string> outside_settings;
};

struct StoredStageFile {
  FileId id;
  lake::LakePath path;
  std::int64_t rows = 0;
  model::SchemaId schema;
  std::int64_t batch = 0;  ///< The stage commit that made it; grows.
  std::int64_t committed_us = 0;
  std::vector<StageFile::Range> ranges;
};

/// Where the stage stood after one of its commits, for one partition.
struct StageBatchEnd {
  std::int64_t batch = 0;
  model::PartitionId partition;
  std::int64_t next_offset = 0;
};

struct CurrentVersion {
  std::int64_t version = 0;
  model::SchemaId schema;
  std::vector<CurrentFile> files;  ///< In key order.
};

/// What became of the records of one partition, over all commits. Every record below the stage's
/// position is a row, in the quarantine, or carries no row.
struct PartitionCounts {
  model::PartitionId partition;
  std::int64_t bronze_records = 0;  ///< Of all segments.
  std::int64_t rows = 0;
  std::int64_t quarantined = 0;
  std::int64_t no_row = 0;
};

/// Why a table does not (yet) equal its source.
struct Flaw {
  TableKey table = 0;
  std::optional<model::PartitionId> partition;
  std::int64_t offset = 0;
  std::string cause;  ///< A word: `QUARANTINED`, `GAP`, `LOST_HALF`, `UNRESOLVED_VALUE`.
  std::string detail;
};

}  // namespace cdclake::metadata
