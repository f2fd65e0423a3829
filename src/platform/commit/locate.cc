#include "platform/commit/locate.h"

namespace cdclake::commit {

Result<lake::LakePath> locate(lake::LakeFs& fs, metadata::MetadataStore& store, const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, store.file(id));
  // The final name twice: it may have been given between the first two looks.
  for (const lake::LakePath& path : {file.final_path, file.hidden, file.final_path}) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(path));
    if (entry.type == lake::EntryType::kFile) return path;
  }
  CDCLAKE_ASSIGN_OR_RETURN(const bool is_live, store.is_live(id));
  if (!is_live) {
    return fail(ErrorKind::kConflict,
                "a committed file was replaced meanwhile: " + fs.absolute(file.final_path));
  }
  return fail(ErrorKind::kCorrupt,
              "a committed file is missing; it was removed by hand, or the disk lost it (bring it "
              "back from a copy of the lake): " +
                  fs.absolute(file.final_path));
}

}  // namespace cdclake::commit
