#include "platform/commit/prepare.h"

#include <utility>

#include "base/assert.h"
#include "base/failpoint.h"

namespace cdclake::commit {
namespace {

Status make_durable(lake::LakeFs& fs, lake::FileWriter& writer, const lake::LakePath& hidden) {
  failpoint("commit.before_seal");
  CDCLAKE_RETURN_IF_ERROR(writer.sync_and_close());
  CDCLAKE_RETURN_IF_ERROR(lake::verify_content(fs, hidden, writer.size(), writer.content_hash()));
  return fs.sync_folder(hidden.parent());
}

/// Nobody would ever sweep a file whose name does not begin with a role.
bool names_a_role(std::string_view hidden_name) {
  for (const metadata::Role role : metadata::kAllRoles) {
    if (hidden_name.starts_with(std::string(to_string(role)) + "-")) return true;
  }
  return false;
}

}  // namespace

metadata::PreparedFile new_file(metadata::Role role, metadata::FileKind kind,
                                const lake::LakePath& final_path) {
  metadata::PreparedFile file;
  file.id = FileId(random_hex_id());
  file.kind = kind;
  file.hidden = lake::wip_path(final_path.root, std::string(to_string(role)) + "-" + file.id.value);
  file.final_path = final_path;
  return file;
}

Result<metadata::PreparedFile> seal(lake::LakeFs& fs, lake::FileWriter& writer,
                                    metadata::PreparedFile file) {
  CDCLAKE_ASSERT(names_a_role(file.hidden.name()));
  const Status durable = make_durable(fs, writer, file.hidden);
  if (!durable) {
    // Best effort: what cannot be removed now is swept at the next start.
    (void)fs.remove_file(file.hidden);
    return tl::unexpected<Error>(durable.error());
  }
  file.bytes = writer.size();
  file.content = writer.content_hash();
  failpoint("commit.after_seal");
  return file;
}

}  // namespace cdclake::commit
