#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "testing/reference/canonical_value.h"

namespace cdclake::end_to_end {

/// How PostgreSQL names the types of a table's columns, and which make up its key.
struct SourceColumns {
  std::map<std::string, std::string> types;
  std::vector<std::string> key;
};

/// The rows of a table's newest version, as the reference writes values. Reads the folder that
/// people read, so a version that was committed and not shown is not seen.
Result<reference::Table> read_current(lake::LakeFs& fs, const std::string& table_segment,
                                      const SourceColumns& source);

}  // namespace cdclake::end_to_end
