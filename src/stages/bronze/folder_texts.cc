#include "stages/bronze/folder_texts.h"

#include <utility>

#include "platform/commit/prepare.h"
#include "stages/bronze/run_folder.h"

namespace cdclake::bronze {
namespace {

Result<bool> holds(lake::LakeFs& fs, const lake::LakePath& path, const std::string& text) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(path));
  if (entry.type == lake::EntryType::kAbsent) return false;
  CDCLAKE_ASSIGN_OR_RETURN(const auto content, lake::read_text(fs, path));
  return content == text;
}

/// Crash between removal and renaming: no text under the name, until recovery comes here again.
Status replace_text(lake::LakeFs& fs, const lake::LakePath& path, const std::string& text) {
  CDCLAKE_ASSIGN_OR_RETURN(const bool is_there, holds(fs, path, text));
  if (is_there) return {};
  const auto hidden =
      commit::new_file(metadata::Role::kBronzeWrite, metadata::FileKind::kBronzePart, path).hidden;
  CDCLAKE_ASSIGN_OR_RETURN(auto file, fs.create(hidden));
  CDCLAKE_RETURN_IF_ERROR(file->append(text));
  CDCLAKE_RETURN_IF_ERROR(file->sync_and_close());
  CDCLAKE_RETURN_IF_ERROR(fs.remove_file(path));
  return fs.rename(hidden, path);
}

}  // namespace

Status write_folder_texts(const BronzeContext& context, const lake::LakePath& folder,
                          const std::map<std::string, std::string>& texts) {
  const auto write_all = [&]() -> Status {
    if (!texts.contains(kSuccessName)) {
      CDCLAKE_RETURN_IF_ERROR(context.fs.remove_file(folder / kSuccessName));
    }
    for (const auto& [name, text] : texts) {
      CDCLAKE_RETURN_IF_ERROR(replace_text(context.fs, folder / name, text));
    }
    return context.fs.sync_folder(folder);
  };
  return context.store.publish(context.lease, {}, write_all);
}

}  // namespace cdclake::bronze
