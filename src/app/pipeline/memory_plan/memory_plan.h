#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "platform/metadata/store_language/commits.h"
#include "stages/bronze/bronze_compactor.h"
#include "stages/bronze/bronze_config.h"
#include "stages/silver_current/silver_merge.h"
#include "stages/silver_stage/silver_stage.h"

namespace cdclake::pipeline {

/// How the memory of a process is divided.
struct MemoryPlan {
  std::map<metadata::Role, std::int64_t> shares;  ///< In bytes, of those that run at once.
  std::int64_t spare_bytes = 0;                   ///< Lent for what is larger than a share.
  /// Of row groups in every file, before encoding. A value that is larger counts as large: it is
  /// worked on alone.
  std::int64_t group_bytes_max = 0;
  std::int64_t record_bytes_max = 0;  ///< Of one message. The same for all processes of a limit.

  /// Kafka's records that are fetched ahead, and those of one poll.
  std::int64_t queue_bytes_max() const;
  std::int64_t poll_bytes_max() const;
  bronze::BronzeConfig fitted(bronze::BronzeConfig config) const;
  bronze::CompactionLimits compaction() const;
  silver_stage::SilverStageConfig stage() const;
  silver_current::SilverMergeConfig fitted(silver_current::SilverMergeConfig config) const;
};

/// Divides the limit among the roles that work at once; where they work one after the other, that
/// is each of them alone.
MemoryPlan plan_memory(std::int64_t limit_bytes, const std::set<metadata::Role>& at_once);

}  // namespace cdclake::pipeline
