#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/partition.h"
#include "model/segment.h"
#include "model/table.h"
#include "platform/metadata/store_language/prepared_file.h"

/// What each stage commits: each struct is recorded whole, in one transaction, or not at all.
namespace cdclake::metadata {

/// A number of the store's own for a table; small, stable, never reused.
using TableKey = std::int64_t;

struct BronzeFile {
  PreparedFile file;
  std::string topic;
  std::vector<model::Segment> segments;
};

/// Moves Bronze's positions and records the segments that cover the moves.
struct BronzeCommit {
  RunId run;
  std::vector<BronzeFile> files;
  std::vector<model::PositionMove> moves;
  std::vector<model::Gap> gaps;
};

/// Replaces the parts of one folder of a finished run by one file with the same segments.
struct CompactionCommit {
  RunId run;
  BronzeFile compacted;
  std::vector<FileId> superseded;
  FolderView view;  ///< Of the run's folder; links only the compacted file.
};

/// What became of the records of a staged range.
struct StagedRange {
  model::PositionMove move;  ///< Of the stage's position.
  std::int64_t rows = 0;
  std::int64_t quarantined = 0;
  std::int64_t no_row = 0;
};

struct StageFile {
  struct Range {
    model::PartitionId partition;
    model::OffsetRange offsets;  ///< From the first row's offset to past the last one's.
  };
  PreparedFile file;
  TableKey table = 0;
  model::SchemaId schema;
  std::string event_date;
  std::vector<Range> ranges;  ///< Of the table's rows in this file.
};

/// One quarantined record; the file in the lake holds its bytes.
struct QuarantinedRecord {
  model::PartitionId partition;
  std::int64_t offset = 0;
  std::string reason;
  std::string detail;
  std::optional<TableKey> table;  ///< Marks the table inexact from this position.
  FileId file;
};

/// A partition that waits because a record's table has no schema yet.
struct StageWait {
  model::PartitionId partition;
  std::int64_t offset = 0;
  model::TableId table;
  std::string need;
};

struct StageCommit {
  RunId run;
  std::vector<StageFile> files;
  std::vector<PreparedFile> quarantine_files;
  std::vector<PreparedFile> schema_files;
  std::vector<StagedRange> ranges;
  std::vector<QuarantinedRecord> quarantined;
  std::vector<StageWait> waits;  ///< Replaces what was recorded for these partitions.
  /// Of tables whose first rows typed from outside the messages are among the files: by which
  /// settings of the connector.
  std::map<TableKey, std::map<std::string, std::string>> outside_settings;
};

/// A file of a version of a current table.
struct CurrentFile {
  FileId id;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::string key_min;               ///< Encoded key of the first row (docs/formats/current.md).
  std::string key_max;               ///< Encoded key of the last row.
  std::int64_t unresolved_rows = 0;  ///< Rows with a cell that could not be resolved.
};

enum class MoveHalf : std::uint8_t { kDelete, kCreate };

/// Half of a key move that was merged alone, because the other half was lost.
struct LostHalf {
  model::PartitionId partition;  ///< Where the half that came is.
  std::int64_t offset = 0;
  MoveHalf lost = MoveHalf::kCreate;
};

/// One table's new version, or only its progress where nothing changed.
struct TableMerge {
  TableKey table = 0;
  std::int64_t expected_version = 0;        ///< Compare-and-set; 0 where there is none yet.
  std::optional<std::int64_t> new_version;  ///< Nothing: the rows stay, progress moves.
  model::SchemaId schema;                   ///< Of the new version.
  std::vector<PreparedFile> added;
  std::vector<CurrentFile> files;          ///< The whole new version, in key order.
  std::vector<model::PositionMove> moves;  ///< Of the table's merge progress.
  std::optional<FolderView> view;
  std::vector<std::string> held_back;  ///< Open key moves, one line each, for status.
  std::vector<LostHalf> lost_halves;   ///< Mark the table inexact from their positions.
};

/// Publishes every table that a merge changed and moves their progress, in one transaction.
struct MergeCommit {
  RunId run;
  std::vector<TableMerge> tables;
};

}  // namespace cdclake::metadata
