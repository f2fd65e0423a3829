#include "app/pipeline/judge_inputs.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "app/pipeline/declared_types.h"
#include "app/pipeline/make_source.h"
#include "platform/source_catalog/connect_endpoint.h"

namespace cdclake::pipeline {
namespace {

using Faults = std::vector<config::Fault>;

/// The error without the key that a fault names by itself, and without the value after it.
std::string rule_of(std::string message, const std::string& key) {
  for (const std::string& prefix : {key + ": ", "cannot take " + key + ": "}) {
    if (message.starts_with(prefix)) message.erase(0, prefix.size());
  }
  return message.substr(0, message.find(": " + key + "="));
}

void judge_recording(const std::string& file, Faults& faults) {
  if (file == "-" || ::access(file.c_str(), R_OK) == 0) return;
  faults.push_back(
      {.key = "--input",
       .rule = "must name files that can be read: " + std::generic_category().message(errno),
       .value = file,
       .origin = "flag"});
}

void judge_kafka(const config::KafkaConfig& kafka, Faults& faults) {
  // What is empty is a fault of the settings already.
  if (kafka.brokers.empty() || kafka.topics.empty()) return;
  const SystemClock clock;
  if (const auto made = make_source(kafka, plan_memory(std::int64_t{1} << 30, {}), {}, clock);
      !made) {
    faults.push_back(
        {.key = "TOPICS",
         .rule = "must be names or patterns: " + rule_of(made.error().message, "TOPICS"),
         .value = {},
         .origin = {}});
  }
}

void judge_type_file(const config::TypesConfig& only, const std::string& key, Faults& faults) {
  const std::string value = only.catalog_file + only.connector_config;
  if (value.empty() || source_catalog::is_http_address(value)) return;
  const auto types = load_declared_types(only);
  if (types) return;
  faults.push_back(
      {.key = key,
       .rule = "must name a file that can be used: " + rule_of(types.error().message, key),
       .value = value,
       .origin = {}});
}

}  // namespace

Faults judge_source(const config::SourceConfig& source) {
  Faults faults;
  if (const auto* recorded = std::get_if<config::RecordedConfig>(&source)) {
    for (const std::string& file : recorded->files) judge_recording(file, faults);
  } else {
    judge_kafka(std::get<config::KafkaConfig>(source), faults);
  }
  return faults;
}

Faults judge_type_files(const config::TypesConfig& types) {
  Faults faults;
  config::TypesConfig catalog;
  catalog.catalog_file = types.catalog_file;
  judge_type_file(catalog, "CDCLAKE_CATALOG", faults);
  config::TypesConfig connector;
  connector.connector_config = types.connector_config;
  judge_type_file(connector, "CDCLAKE_CONNECTOR_CONFIG", faults);
  return faults;
}

}  // namespace cdclake::pipeline
