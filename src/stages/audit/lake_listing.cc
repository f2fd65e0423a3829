#include "stages/audit/lake_listing.h"

#include <vector>

namespace cdclake::audit {

Result<LakeListing> list_lake(lake::LakeFs& fs, Findings& findings) {
  LakeListing found;
  std::vector<lake::LakePath> open = {{lake::Root::kBronze, ""}, {lake::Root::kSilver, ""}};
  while (!open.empty()) {
    const lake::LakePath folder = std::move(open.back());
    open.pop_back();
    auto entries = fs.list(folder);
    if (!entries) {
      const bool is_root = folder.relative.empty();
      if (is_root) return tl::unexpected<Error>(entries.error());
      findings.push_back(
          about_path(Fault::kFolderWrong, entries.error().message, fs.absolute(folder)));
      continue;
    }
    for (lake::Entry& entry : *entries) {
      if (folder.relative.empty() && entry.name == "lost+found") continue;
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
