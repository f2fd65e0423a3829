#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/partition.h"

namespace cdclake::audit {

/// What can be wrong with a lake (docs/audit.md).
enum class Fault : std::uint8_t {
  kStoreBroken,         ///< The store's own rows do not belong together.
  kOffsetsMissing,      ///< Offsets that no segment holds and no gap explains.
  kOffsetsTwice,        ///< Offsets that two segments or gaps claim.
  kPositionWrong,       ///< A position that is not where what it counts ends.
  kStageAhead,          ///< The stage has passed Bronze.
  kMergeAhead,          ///< The merge has passed the stage.
  kRecordsUnaccounted,  ///< Records of Bronze that are not row, quarantined or without a row.
  kRowsUnaccounted,     ///< Staged rows that are not in the files of their commit.
  kFileMissing,         ///< Bytes that were committed are gone.
  kFileAltered,         ///< Bytes that were committed are others now.
  kFileUnnamed,         ///< A file in the lake that nothing names.
  kFolderWrong,         ///< A folder that people read does not show what it claims.
  kVersionBroken,       ///< A current table's version does not hold together.
  kUnfinished,          ///< Left by a process that died; the next start of its job finishes it.
};

/// As reports spell it: `FILE_MISSING`.
std::string_view to_word(Fault fault);
/// What to do about it, a sentence.
std::string_view mend_of(Fault fault);
/// Whether a promise is broken; else the next start puts it right by itself.
bool is_damage(Fault fault);

struct Finding {
  Fault fault = Fault::kStoreBroken;
  std::string what;   ///< A sentence with the numbers: no row values.
  std::string path;   ///< Where it is about a file or folder: on this machine.
  std::string table;  ///< Where it is about a current table.
  std::optional<model::PartitionId> partition;
  model::OffsetRange offsets;  ///< Of the partition; empty where it is not about some of them.

  /// Whether the other is about the same; numbers and offsets move while jobs work.
  bool is_same_as(const Finding& other) const;
};

using Findings = std::vector<Finding>;

Finding about_store(Fault fault, std::string what);
Finding about_path(Fault fault, std::string what, std::string path);
Finding about_table(Fault fault, std::string what, std::string table);
Finding about_offsets(Fault fault, std::string what, const model::PartitionId& partition,
                      const model::OffsetRange& offsets);

}  // namespace cdclake::audit
