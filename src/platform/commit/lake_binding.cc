#include "platform/commit/lake_binding.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace cdclake::commit {
namespace {

lake::LakePath note_folder() { return lake::private_folder(lake::Root::kBronze) / "files_named"; }

/// 0 where it is none.
std::int64_t number_of(const std::string& name) {
  std::int64_t number = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : 0;
}

Status refuse_older(lake::LakeFs& fs, std::int64_t named, std::int64_t noted) {
  if (named >= noted) return {};
  return fail(
      ErrorKind::kCorrupt,
      "the metadata store is older than the lake, as a copy from before is: its newest file is "
      "number " +
          std::to_string(named) + ", the lake's " + std::to_string(noted) +
          " (set METADATA_DB to the store of this lake; where that is lost: cdclake "
          "rebuild --metadata): BRONZE_BASE_PATH=" +
          fs.absolute({lake::Root::kBronze, ""}));
}

tl::unexpected<Error> refuse(lake::LakeFs& fs, lake::Root root, const std::string& why) {
  const std::string setting = root == lake::Root::kBronze ? "BRONZE_BASE_PATH" : "SILVER_BASE_PATH";
  return fail(ErrorKind::kInvalidConfig, why + ": " + setting + "=" + fs.absolute({root, ""}));
}

Status bind_root(lake::LakeFs& fs, metadata::MetadataStore& store,
                 const metadata::LeaseGrant& lease, lake::Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string id, lake::lake_id(fs, root));
  CDCLAKE_ASSIGN_OR_RETURN(auto bound, store.bound_lake(root));
  if (!bound) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool knows_files, store.names_files(root));
    CDCLAKE_ASSIGN_OR_RETURN(const bool filled, lake::holds_tables(fs, root));
    if (filled && !knows_files) {
      return refuse(
          fs, root,
          "the lake holds tables of which the metadata store knows nothing (set METADATA_DB "
          "to the store that they were written with; where that is lost: cdclake rebuild "
          "--metadata; or choose new paths for all three)");
    }
    // Another process may have tied the store to its lake meanwhile.
    CDCLAKE_ASSIGN_OR_RETURN(bound, store.bind_lake(lease, root, id));
  }
  if (bound == id) return {};
  return refuse(fs, root,
                "the metadata store belongs to another lake, or to one that was removed (set "
                "METADATA_DB to the store of this lake, or choose new paths for all three)");
}

}  // namespace

Status bind_lake(lake::LakeFs& fs, metadata::MetadataStore& store,
                 const metadata::LeaseGrant& lease) {
  CDCLAKE_RETURN_IF_ERROR(bind_root(fs, store, lease, lake::Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(bind_root(fs, store, lease, lake::Root::kSilver));
  // In this order: what the lake was given after it was looked at, the store has named before.
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t noted, noted_files_named(fs));
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t named, store.files_named());
  return refuse_older(fs, named, noted);
}

Result<std::int64_t> noted_files_named(lake::LakeFs& fs) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(note_folder()));
  std::int64_t noted = 0;
  for (const lake::Entry& entry : entries) noted = std::max(noted, number_of(entry.name));
  return noted;
}

Status note_files_named(lake::LakeFs& fs, metadata::MetadataStore& store) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t noted, noted_files_named(fs));
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t named, store.files_named());
  CDCLAKE_RETURN_IF_ERROR(refuse_older(fs, named, noted));
  if (noted == named) return {};
  const lake::LakePath note = note_folder() / std::to_string(named);
  if (noted > 0) return fs.rename(note_folder() / std::to_string(noted), note);
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(note_folder()));
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(note));
  return file->sync_and_close();
}

}  // namespace cdclake::commit
