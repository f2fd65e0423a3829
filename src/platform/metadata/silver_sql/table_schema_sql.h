#pragma once

#include <cstdint>

#include "model/table.h"
#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::metadata {

/// Records a schema once; the second time nothing changes.
Status save_schema(Database& database, std::int64_t now_us, const LeaseGrant& lease,
                   const model::TableSchema& schema);
/// kCorrupt where the schema is unknown, or is not the one that its id names.
Result<model::TableSchemaPtr> load_schema(Database& database, const model::SchemaId& id);
/// The schema of the table's last staged rows; null where none was staged.
Result<model::TableSchemaPtr> newest_staged_schema(Database& database, std::int64_t table_key);
Result<std::int64_t> schema_key_of(Database& database, const model::SchemaId& id);

}  // namespace cdclake::metadata
