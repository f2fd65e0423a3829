#pragma once

#include <string>
#include <vector>

#include "formats/debezium/table_plans/column_wire.h"
#include "formats/debezium/table_plans/connect_schema.h"
#include "formats/debezium/table_plans/connector_settings.h"
#include "model/source_catalog.h"

namespace cdclake::debezium {

/// What a schema block says of a message.
struct SchemaBlock {
  std::string name;                 ///< `prefix.public.users.Envelope`, or a control message's.
  std::vector<DeclaredColumn> row;  ///< An envelope's row, else the message's own fields.
};

/// The row that a schema describes: of an envelope the fields of `after`, else its own (a key's).
SchemaBlock schema_block_of(const ConnectSchema& schema);

/// Decides what a schema block alone leaves open, because it spells two types alike: with
/// decimal.handling.mode string a numeric is a plain string, with double a double, and the textual
/// binary modes make bytea a string. `catalog` (may be null) says which it is. Also refuses
/// connect's times where their microseconds may have been cut.
WireOrRefusal settle(const DeclaredColumn& declared, const model::CatalogColumn* catalog,
                     const ConnectorSettings& settings);

}  // namespace cdclake::debezium
