#include "stages/bronze/folder_texts.h"

#include <utility>
#include <vector>

#include "platform/commit/prepare.h"
#include "platform/lake/lake_layout.h"

namespace cdclake::bronze {
namespace {

Result<bool> holds(lake::LakeFs& fs, const lake::LakePath& path, const std::string& text) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(path));
  if (entry.type == lake::EntryType::kAbsent) return false;
  CDCLAKE_ASSIGN_OR_RETURN(const auto content, lake::read_text(fs, path));
  return content == text;
}

/// A text that is durable under a hidden name.
struct PreparedText {
  lake::LakePath hidden;
  lake::LakePath path;
};

Result<PreparedText> prepare_text(lake::LakeFs& fs, const lake::LakePath& path,
                                  const std::string& text) {
  const auto named =
      commit::new_file(metadata::Role::kBronzeWrite, metadata::FileKind::kBronzePart, path);
  CDCLAKE_ASSIGN_OR_RETURN(auto file, fs.create(named.hidden));
  CDCLAKE_RETURN_IF_ERROR(file->append(text));
  CDCLAKE_RETURN_IF_ERROR(file->sync_and_close());
  return PreparedText{.hidden = named.hidden, .path = path};
}

}  // namespace

Status write_folder_texts(const BronzeContext& context, const lake::LakePath& folder,
                          const std::map<std::string, std::string>& texts) {
  std::vector<PreparedText> prepared;  // Crash: hidden; swept.
  for (const auto& [name, text] : texts) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool is_there, holds(context.fs, folder / name, text));
    if (is_there) continue;
    CDCLAKE_ASSIGN_OR_RETURN(prepared.emplace_back(),
                             prepare_text(context.fs, folder / name, text));
  }
  // Crash between removal and renaming: no text under the name, until the next start comes here.
  const auto make_visible = [&]() -> Status {
    if (!texts.contains(lake::kSuccessName)) {
      CDCLAKE_RETURN_IF_ERROR(context.fs.remove_file(folder / lake::kSuccessName));
    }
    for (const PreparedText& text : prepared) {
      CDCLAKE_RETURN_IF_ERROR(context.fs.remove_file(text.path));
      CDCLAKE_RETURN_IF_ERROR(context.fs.rename(text.hidden, text.path));
    }
    return context.fs.sync_folder(folder);
  };
  return context.store.publish(context.lease, {}, make_visible);
}

}  // namespace cdclake::bronze
