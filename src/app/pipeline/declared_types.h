#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/debezium/table_plans/connector_settings.h"
#include "model/source_catalog.h"
#include "platform/config/config.h"
#include "platform/source_catalog/source_database.h"

namespace cdclake::pipeline {

/// The types of tables whose messages carry no schema, and how their values are spelled.
struct DeclaredTypes {
  std::optional<model::SourceCatalog> catalog;
  debezium::ConnectorSettings settings;
  std::vector<std::string> notes;  ///< What was taken from where, a line each, for the log.
};

/// Reads what the configuration names. kInvalidConfig for a document that is not what it should be,
/// kUnavailable where a server does not answer, kCancelled soon after `stop` is asked for.
Result<DeclaredTypes> load_declared_types(const config::TypesConfig& config,
                                          const std::stop_token& stop = {});

source_catalog::SourceDatabaseConfig source_database_of(const config::SourceDatabaseConfig& config);

}  // namespace cdclake::pipeline
