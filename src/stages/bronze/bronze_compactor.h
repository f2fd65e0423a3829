#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "platform/memory/allowance.h"
#include "platform/metadata/store_language/views.h"
#include "stages/bronze/bronze_config.h"
#include "stages/bronze/bronze_run.h"

namespace cdclake::bronze {

struct CompactionReport {
  std::int64_t folders = 0;
  std::int64_t parts = 0;  ///< That were replaced.
  std::int64_t records = 0;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
};

struct CompactionLimits {
  std::int64_t group_bytes_max = 64 << 20;  ///< Of the new file's row groups, before encoding.
  /// What is held at most; for a record that needs more, memory is borrowed.
  std::int64_t memory_bytes = std::int64_t{1} << 30;
};

/// Turns the small files of ended runs into one `events_compacted.parquet` a folder.
///
/// The new file holds the same records in the same order: it is read back, and the sum of every
/// segment must be the store's, before anything changes. One transaction then moves the segments to
/// the new file; the folder that people read is swapped as a whole, so a glob never shows a record
/// twice. After a crash the old parts or the new file count, never both. Not thread-safe.
class BronzeCompactor {
 public:
  using Progress = std::function<void(const metadata::CompactableFolder&, const CompactionReport&)>;

  /// The context holds the lease of `kBronzeCompact`. `progress` is told of every folder done.
  explicit BronzeCompactor(BronzeContext context, Progress progress = {},
                           CompactionLimits limits = {});

  /// Compacts the folders of all runs that have ended by now. Ends early where `stop` is asked for:
  /// a folder that is half done stays as it was, and the hidden file is left for the sweep.
  /// `Publisher::recover` goes before. kCorrupt: a part does not hold what the store says of it.
  Result<CompactionReport> run_once(const std::stop_token& stop);

 private:
  Result<CompactionReport> compact(const metadata::CompactableFolder& folder,
                                   const metadata::Run& run, const std::stop_token& stop);

  Result<std::int64_t> copy_records(const metadata::CompactableFolder& folder,
                                    const std::map<std::string, std::string>& footer,
                                    const std::stop_token& stop, lake::FileWriter& out);

  BronzeContext context_;
  Progress progress_;
  CompactionLimits limits_;
  memory::Allowance allowance_;
};

}  // namespace cdclake::bronze
