#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/upkeep.h"

namespace cdclake::metadata {

class Database;

/// What upkeep asks of the store. Made by `MetadataStore::upkeep`, which it must not outlive.
class UpkeepStore {
 public:
  UpkeepStore(Database& database, std::int64_t now_us) : database_(database), now_us_(now_us) {}

  /// Days with at least two published stage files below `small_bytes`.
  Result<std::vector<StageDayKey>> days_of_small_files(std::int64_t small_bytes);
  Result<StageDay> stage_day(const StageDayKey& day);
  /// Files that may go by their age, by folder: of Bronze the compacted ones, which are whole
  /// folders of ended runs; of the stage the merged ones.
  Result<std::vector<ExpiringFiles>> expiring_files(const ExpiryTimes& before);
  /// Live files whose final names are in the folder.
  Result<std::vector<PreparedFile>> live_files_in(const lake::LakePath& folder);
  /// Of every partition of which records have expired: from which offset on Bronze still holds all.
  Result<std::vector<model::Position>> bronze_begins();
  /// Removes a bounded number of rows that no promise needs and that are older. Says how many.
  Result<std::int64_t> trim(const LeaseGrant& lease, std::chrono::hours age);

 private:
  Database& database_;
  std::int64_t now_us_;
};

}  // namespace cdclake::metadata
