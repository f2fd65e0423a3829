#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/metadata/store_language/views.h"

/// Everything that the store says is in the lake, as it is written there and not yet believed: what
/// an audit holds against the files, and against itself.
namespace cdclake::metadata {

enum class FileState : std::uint8_t {
  kPrepared,    ///< Committed; its publication is not recorded.
  kPublished,   ///< At its final path.
  kSuperseded,  ///< Replaced; its bytes go when the grace period is over.
  kExpired      ///< Taken out by age: its bytes are gone, or go, and what it held counts.
};

struct FileAccount {
  PreparedFile file;
  FileState state = FileState::kPublished;
  std::string role;  ///< That committed it, as `to_string(Role)` spells it.
};

struct SegmentAccount {
  model::Segment segment;
  FileId file;
};

/// A range that one commit of the stage took.
struct StagedAccount {
  std::int64_t batch = 0;  ///< Of the commit.
  model::OffsetRange range;
  std::int64_t rows = 0;
  std::int64_t quarantined = 0;
  std::int64_t no_row = 0;
  std::int64_t in_quarantine = 0;  ///< Records of the range that the quarantine lists.
};

struct PartitionAccount {
  model::PartitionId partition;
  std::optional<std::int64_t> bronze_next;
  std::optional<std::int64_t> stage_next;
  std::vector<SegmentAccount> segments;  ///< By first offset, as are the next two.
  std::vector<model::OffsetRange> gaps;
  std::vector<StagedAccount> staged;
};

/// A file of staged rows, and where its rows come from: by this the merge finds it.
struct StageFileAccount {
  FileId file;
  std::vector<std::int64_t> batches;  ///< The commits of the stage that made its rows.
  TableKey table = 0;
  std::vector<StageFile::Range> ranges;
};

/// What one commit of the stage wrote.
struct BatchAccount {
  std::int64_t batch = 0;
  std::int64_t rows = 0;           ///< Of its ranges.
  std::int64_t rows_in_files = 0;  ///< Of its files, by what was recorded of each.
};

struct TableAccount {
  Table table;
  std::vector<model::Position> merged;
  std::optional<CurrentVersion> version;
};

struct Accounts {
  /// What SQLite's own checks and the references between tables say, a sentence each. Rows without
  /// the row that they refer to are missing below.
  std::vector<std::string> broken;
  std::vector<FileAccount> files;  ///< In commit order; those that are gone left out.
  std::vector<PartitionAccount> partitions;
  std::vector<BatchAccount> batches;
  std::vector<StageFileAccount> stage_files;
  std::vector<TableAccount> tables;
  std::vector<FolderView> folders;
  std::vector<lake::LakePath> asides;  ///< Old sides of swapped folders.
};

}  // namespace cdclake::metadata
