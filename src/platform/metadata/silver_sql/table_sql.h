#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::metadata {

/// A table as an event of a topic named it.
struct TableSighting {
  model::TableId id;
  std::string topic;
  std::int64_t now_us = 0;
};
Result<Table> register_table(Database& database, const LeaseGrant& lease,
                             const TableSighting& sighting);
Result<std::vector<Table>> tables(Database& database);
Status set_table_state(Database& database, const LeaseGrant& lease, const Table& table);
/// Records that a topic feeds a table. Idempotent.
Status add_table_topic(Database& database, TableKey table, const std::string& topic);
/// For a table that has none yet.
Status add_outside_settings(Database& database, TableKey table,
                            const std::map<std::string, std::string>& settings);

}  // namespace cdclake::metadata
