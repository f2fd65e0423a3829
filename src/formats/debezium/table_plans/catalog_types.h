#pragma once

#include "formats/debezium/table_plans/column_wire.h"
#include "formats/debezium/table_plans/connector_settings.h"
#include "model/source_catalog.h"

namespace cdclake::debezium {

/// How a connector with these settings spells the values of a column that PostgreSQL's catalog
/// describes (docs/formats/types.md).
WireOrRefusal wire_of_catalog_column(const model::CatalogColumn& column,
                                     const ConnectorSettings& settings);

}  // namespace cdclake::debezium
