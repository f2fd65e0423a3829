#pragma once

#include "base/result.h"
#include "platform/metadata/sqlite/database.h"

namespace cdclake::metadata {

/// Brings the store to this program's schema, or refuses it: kInvalidConfig for a store of the
/// first version, of another program, or of a newer cdclake; kReadOnly changes nothing. An empty
/// file becomes a store. Each step is one transaction.
Status open_schema(Database& database, Access access);

/// What `open_schema` for writing would refuse; changes nothing.
Status judge_schema(Database& database);

/// The statements that make the tables of version 1 (docs/formats/metadata.md).
extern const char* const kTablesOfVersion1;
/// What version 2 adds.
extern const char* const kTablesOfVersion2;
/// The first version's tables, as views over ours.
extern const char* const kFirstVersionViews;

}  // namespace cdclake::metadata
