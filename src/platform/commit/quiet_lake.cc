#include "platform/commit/quiet_lake.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "platform/commit/lock_place.h"
#include "platform/lake/durable_folder.h"

namespace cdclake::commit {

Result<QuietLake> QuietLake::take(const std::string& store_path) {
  using enum metadata::Role;
  QuietLake quiet;
  std::error_code error;
  const auto folder = std::filesystem::absolute(store_path, error).parent_path();
  if (const int code = error ? error.value() : lake::make_durable_folder(folder); code != 0) {
    return fail(ErrorKind::kUnavailable, "cannot make the folder of the metadata store: " +
                                             std::generic_category().message(code) +
                                             ": METADATA_DB=" + store_path);
  }
  for (const auto role : {kBronzeWrite, kBronzeCompact, kSilverStage, kSilverMerge, kUpkeep}) {
    CDCLAKE_ASSIGN_OR_RETURN(const LockPlace place, make_place(store_path, role));
    const auto found = place.epochs();
    std::set<std::int64_t> epochs(found.begin(), found.end());
    const std::int64_t next = (epochs.empty() ? 0 : *epochs.rbegin()) + 1;
    // Also the one that the next holder would take, and by an empty store the first one.
    epochs.insert({1, next});
    for (const std::int64_t epoch : epochs) {
      CDCLAKE_ASSIGN_OR_RETURN(auto lock, LockFile::try_lock(place.of(epoch)));
      if (!lock) {
        return fail(
            ErrorKind::kConflict,
            "another process holds the role (stop it first, also one that does not answer): "
            "role=" +
                place.role + " lock=" + place.of(epoch));
      }
      quiet.locks_.push_back(std::move(*lock));
    }
    quiet.epochs_.emplace(role, next);
  }
  return quiet;
}

}  // namespace cdclake::commit
