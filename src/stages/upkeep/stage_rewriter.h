#pragma once

#include <cstdint>
#include <stop_token>

#include "base/ids.h"
#include "base/result.h"
#include "platform/commit/publisher.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/upkeep/rewrite_plan.h"

namespace cdclake::upkeep {

/// What upkeep works with. All of it outlives the work.
struct UpkeepContext {
  lake::LakeFs& fs;
  metadata::MetadataStore& store;
  commit::Publisher& publisher;
  const metadata::LeaseGrant& lease;
  const Clock& clock;
};

struct RewriteReport {
  std::int64_t files = 0;
  std::int64_t rows = 0;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
};

/// Puts files of a day together: writes the rows of all, in order, into one file, reads it back and
/// compares every cell, then commits it in their place and swaps the folder. After a crash the old
/// files or the new one count, never both. Memory is bounded by a few row groups.
///
/// kCorrupt where a file cannot be read or does not give back its rows, kConflict where one was
/// replaced meanwhile, kCancelled where `stop` is asked for: then nothing has changed.
Result<RewriteReport> rewrite_stage_files(const UpkeepContext& context, const RunId& run,
                                          const metadata::StageDay& day, const Rewrite& files,
                                          const std::stop_token& stop);

}  // namespace cdclake::upkeep
