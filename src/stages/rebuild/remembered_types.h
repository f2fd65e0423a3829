#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "stages/rebuild/table_rebuild.h"

namespace cdclake::rebuild {

/// Files as `--catalog` and `--connector-config` read them.
struct RememberedTypes {
  std::string catalog_file;
  std::string connector_config;
};

/// What the schemas beside Bronze say of the workshop's tables, written into the workshop; of each
/// table the one that typed the latest records. Nothing where the messages said all types
/// themselves. kInvalidConfig where the tables were read by different settings of the connector.
Result<std::optional<RememberedTypes>> remember_types(lake::LakeFs& fs, const Workshop& workshop);

}  // namespace cdclake::rebuild
