#include "platform/commit/lake_binding.h"

#include <string>

namespace cdclake::commit {
namespace {

tl::unexpected<Error> refuse(lake::LakeFs& fs, lake::Root root, const std::string& why) {
  const std::string setting = root == lake::Root::kBronze ? "BRONZE_BASE_PATH" : "SILVER_BASE_PATH";
  return fail(ErrorKind::kInvalidConfig, why + ": " + setting + "=" + fs.absolute({root, ""}));
}

Status bind_root(lake::LakeFs& fs, metadata::MetadataStore& store,
                 const metadata::LeaseGrant& lease, lake::Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string id, lake::lake_id(fs, root));
  CDCLAKE_ASSIGN_OR_RETURN(auto bound, store.bound_lake(root));
  if (!bound) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool knows_files, store.names_files());
    CDCLAKE_ASSIGN_OR_RETURN(const bool filled, lake::holds_tables(fs, root));
    if (filled && !knows_files) {
      return refuse(
          fs, root,
          "the lake holds tables of which the metadata store knows nothing (set METADATA_DB "
          "to the store that they were written with, or choose new paths for all three)");
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
  return bind_root(fs, store, lease, lake::Root::kSilver);
}

}  // namespace cdclake::commit
