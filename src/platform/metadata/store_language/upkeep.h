#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/metadata/store_language/views.h"

/// What keeps files in shape: asked by upkeep, committed by it.
namespace cdclake::metadata {

/// A live stage file whose rows upkeep may put into a larger one.
struct RewritableFile {
  StoredStageFile file;
  std::int64_t bytes = 0;
  bool is_merged = false;      ///< Published, and every row lies below the merge's position.
  std::int64_t staged_us = 0;  ///< When the stage committed its newest rows.
};

/// The live stage files of one table, shape and day, in the order of the stage's commits: within a
/// partition offsets rise through them.
struct StageDay {
  Table table;
  model::SchemaId schema;
  std::string event_date;
  std::vector<RewritableFile> files;
};

/// A day by its keys, small enough to list all that may be worth a look.
struct StageDayKey {
  TableKey table = 0;
  std::int64_t schema_key = 0;
  std::string event_date;
};

/// Files of one folder that may go by their age: all lie below whoever reads them next.
struct ExpiringFiles {
  lake::LakePath folder;
  std::vector<PreparedFile> files;
};

/// Before when the newest records of a file must have been taken for it to expire; nothing: never.
struct ExpiryTimes {
  std::optional<std::int64_t> bronze_us;
  std::optional<std::int64_t> stage_us;
};

/// What upkeep takes out of one folder, and the file that it puts there instead, if any.
struct UpkeepCommit {
  RunId run;
  std::optional<StageFile> rewritten;  ///< Holds the rows of `superseded`, no more and no less.
  std::vector<FileId> superseded;
  std::vector<FileId> expired;
  FolderView view;
};

}  // namespace cdclake::metadata
