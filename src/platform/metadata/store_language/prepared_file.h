#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/hash128.h"
#include "base/ids.h"
#include "platform/lake/lake_path.h"

namespace cdclake::metadata {

enum class FileKind : std::uint8_t {
  kBronzePart,
  kBronzeCompacted,
  kStage,
  kQuarantine,
  kCurrent,
  kSchema
};

/// A file that is durable under its hidden name and whose bytes were read back.
struct PreparedFile {
  FileId id;
  FileKind kind = FileKind::kBronzePart;
  lake::LakePath hidden;
  lake::LakePath final_path;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  Hash128 content;
};

/// A folder that people read, derived from committed state: hard links to committed files, small
/// text files, and one marker that holds `version`. Swapped in as a whole after the commit.
struct FolderView {
  struct Link {
    std::string name;  ///< In the folder; `/` where it lies deeper.
    FileId file;       ///< Must be committed, now or earlier.
  };
  lake::LakePath folder;
  std::string marker;  ///< `_VERSION`, or `_COMPACTED` in Bronze.
  std::string version;
  std::vector<Link> links;
  std::map<std::string, std::string> texts;  ///< Name to content: `manifest.json`, `_SUCCESS`.
  /// Of upkeep: the names that leave the folder. Its views have no marker; they show, beside the
  /// links, all else that lives in the folder when it is swapped, and where nothing does, it goes.
  std::vector<std::string> leaving{};
  bool is_published = false;  ///< Of a view that the store gives back.
};

/// What one publication makes visible.
struct Publication {
  struct Swap {
    lake::LakePath folder;
    std::vector<lake::LakePath>
        asides;  ///< Where the old side lies now; empty where there was none.
  };
  std::vector<FileId> files;
  std::vector<Swap> swaps;
};

/// What commits have replaced and its role may clear away.
struct Superseded {
  std::vector<PreparedFile> files;          ///< Replaced longer ago than the grace period.
  std::vector<lake::LakePath> asides;       ///< The same, old sides of swapped folders.
  std::vector<lake::LakePath> asides_kept;  ///< Old sides still within the grace period.
};

}  // namespace cdclake::metadata
