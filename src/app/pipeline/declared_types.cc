#include "app/pipeline/declared_types.h"

#include <utility>

#include "app/pipeline/wording.h"
#include "formats/json_document/catalog_document.h"
#include "formats/json_document/connector_document.h"
#include "platform/config/text_file.h"
#include "platform/config/without_secrets.h"
#include "platform/source_catalog/connect_endpoint.h"

namespace cdclake::pipeline {
namespace {

Error with_setting(const Error& error, const std::string& setting, const std::string& value) {
  return {error.kind,
          "cannot take " + setting + ": " + error.message + ": " + setting + "=" + value};
}

template <typename T>
Result<T> naming(Result<T> result, const std::string& setting, const std::string& value) {
  if (result) return result;
  return tl::unexpected<Error>(with_setting(result.error(), setting, value));
}

Result<model::SourceCatalog> parse_catalog_file(const std::string& path) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, config::read_text_file(path));
  return json_document::parse_catalog(text);
}

Result<std::map<std::string, std::string>> read_connector_properties(const std::string& place,
                                                                     const std::stop_token& stop) {
  if (source_catalog::is_http_address(place)) {
    return source_catalog::fetch_connector_config(place, stop);
  }
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, config::read_text_file(place));
  return json_document::parse_connector_config(text);
}

// Any JSON object would do otherwise, and give the defaults.
Status require_postgres_connector(const std::map<std::string, std::string>& properties) {
  const auto found = properties.find("connector.class");
  if (found != properties.end() && found->second.find("Postgres") != std::string::npos) return {};
  return fail(ErrorKind::kInvalidConfig,
              "it is not the configuration of a PostgreSQL connector: connector.class is " +
                  (found == properties.end() ? "missing" : found->second) +
                  " (an address ends in /connectors/NAME/config, a file holds the answer of it)");
}

Result<debezium::ConnectorSettings> read_connector_settings(const std::string& place,
                                                            const std::stop_token& stop) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto properties, read_connector_properties(place, stop));
  CDCLAKE_RETURN_IF_ERROR(require_postgres_connector(properties));
  return debezium::ConnectorSettings::from_properties(properties);
}

std::string spelled(const debezium::ConnectorSettings& settings) {
  std::string text;
  for (const auto& [key, value] : settings.to_properties()) {
    text.append(" ").append(key).append("=").append(value);
  }
  return text;
}

Status add_catalog(const config::TypesConfig& config, const std::stop_token& stop,
                   DeclaredTypes& types) {
  std::string origin;
  if (!config.catalog_file.empty()) {
    CDCLAKE_ASSIGN_OR_RETURN(types.catalog, naming(parse_catalog_file(config.catalog_file),
                                                   "CDCLAKE_CATALOG", config.catalog_file));
    origin = config.catalog_file;
  } else if (!config.database.host.empty()) {
    CDCLAKE_ASSIGN_OR_RETURN(types.catalog, source_catalog::read_source_catalog(
                                                source_database_of(config.database), stop));
    origin = "database " + config.database.name + " on " + config.database.host;
  } else {
    return {};
  }
  types.notes.push_back("types of " +
                        counted(static_cast<std::int64_t>(types.catalog->tables.size()), "table") +
                        " from " + origin);
  return {};
}

Status add_connector_settings(const std::string& place, const std::stop_token& stop,
                              DeclaredTypes& types) {
  std::string origin = "Debezium's documented defaults";
  if (!place.empty()) {
    const std::string shown = config::without_secrets(place);
    CDCLAKE_ASSIGN_OR_RETURN(types.settings, naming(read_connector_settings(place, stop),
                                                    "CDCLAKE_CONNECTOR_CONFIG", shown));
    origin = shown;
  }
  // Messages with a schema block say themselves how their values are spelled.
  if (!place.empty() || types.catalog) {
    types.notes.push_back("connector settings from " + origin + ":" + spelled(types.settings));
  }
  return {};
}

}  // namespace

source_catalog::SourceDatabaseConfig source_database_of(
    const config::SourceDatabaseConfig& config) {
  return {.host = config.host,
          .port = config.port,
          .name = config.name,
          .user = config.user,
          .password = config.password,
          .sslmode = config.sslmode};
}

Result<DeclaredTypes> load_declared_types(const config::TypesConfig& config,
                                          const std::stop_token& stop) {
  DeclaredTypes types;
  CDCLAKE_RETURN_IF_ERROR(add_catalog(config, stop, types));
  CDCLAKE_RETURN_IF_ERROR(add_connector_settings(config.connector_config, stop, types));
  return types;
}

}  // namespace cdclake::pipeline
