#include "platform/metadata/upkeep_store.h"

#include "platform/metadata/upkeep_sql/expiry_sql.h"
#include "platform/metadata/upkeep_sql/stage_days_sql.h"
#include "platform/metadata/upkeep_sql/trim_sql.h"
#include "platform/metadata/upkeep_sql/upkeep_commit_sql.h"

namespace cdclake::metadata {

Result<std::vector<StageDayKey>> UpkeepStore::days_of_small_files(std::int64_t small_bytes) {
  return metadata::days_of_small_files(database_, small_bytes);
}

Result<StageDay> UpkeepStore::stage_day(const StageDayKey& day) {
  return metadata::stage_day(database_, day);
}

Result<std::vector<ExpiringFiles>> UpkeepStore::expiring_files(const ExpiryTimes& before) {
  return metadata::expiring_files(database_, before);
}

Result<std::vector<PreparedFile>> UpkeepStore::live_files_in(const lake::LakePath& folder) {
  return metadata::live_files_in(database_, folder);
}

Result<std::vector<model::Position>> UpkeepStore::bronze_begins() {
  return metadata::bronze_begins(database_);
}

Result<std::int64_t> UpkeepStore::trim(const LeaseGrant& lease, std::chrono::hours age) {
  return metadata::trim(database_, lease, now_us_ - std::chrono::microseconds(age).count());
}

}  // namespace cdclake::metadata
