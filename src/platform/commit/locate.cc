#include "platform/commit/locate.h"

namespace cdclake::commit {

Result<lake::LakePath> locate(lake::LakeFs& fs, metadata::MetadataStore& store, const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, store.file(id));
  // The final name twice: it may have been given between the first two looks.
  for (const lake::LakePath& path : {file.final_path, file.hidden, file.final_path}) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(path));
    if (entry.type == lake::EntryType::kFile) return path;
  }
  return fail(
      ErrorKind::kConflict,
      "a committed file is at neither of its names; it was replaced meanwhile (read again), "
      "or removed by hand: " +
          fs.absolute(file.final_path));
}

}  // namespace cdclake::commit
