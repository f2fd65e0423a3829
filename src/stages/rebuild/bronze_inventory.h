#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::rebuild {

/// Files read, of so many.
using Progress = std::function<void(std::int64_t done, std::int64_t all)>;

/// What the files of Bronze say, as a store records it.
struct BronzeInventory {
  std::vector<metadata::Run> runs;           ///< In the order of their starts.
  std::vector<metadata::RebuiltFile> files;  ///< In commit order, as far as they tell.
  std::vector<model::Gap> gaps;              ///< Offsets between them that no file holds.
};

/// The reason of a gap that was found where a file should be: the store that knew more was lost.
inline constexpr const char* kGapReason = "rebuilt";

/// Reads every file of Bronze whole: its footer says which segments it holds, and its records must
/// add up to them. kCorrupt, with the file's name and a way out, where they do not, or where two
/// files hold the same offsets. Memory: the segments, and one row group.
Result<BronzeInventory> take_bronze_inventory(lake::LakeFs& fs, const Progress& progress);

}  // namespace cdclake::rebuild
