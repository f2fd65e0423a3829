#include "stages/audit/lake_listing.h"

#include <vector>

namespace cdclake::audit {

Result<LakeListing> list_lake(lake::LakeFs& fs) {
  LakeListing found;
  std::vector<lake::LakePath> open = {{lake::Root::kBronze, ""}, {lake::Root::kSilver, ""}};
  while (!open.empty()) {
    const lake::LakePath folder = std::move(open.back());
    open.pop_back();
    CDCLAKE_ASSIGN_OR_RETURN(auto entries, fs.list(folder));
    for (lake::Entry& entry : entries) {
      const lake::LakePath path = folder / entry.name;
      if (entry.type == lake::EntryType::kFolder) {
        open.push_back(path);
      } else {
        found.emplace(path, std::move(entry));
      }
    }
  }
  return found;
}

}  // namespace cdclake::audit
