#include "app/cli/command.h"
#include "app/pipeline/declared_types.h"
#include "app/pipeline/make_source.h"
#include "app/terminal/json_writer.h"
#include "platform/source_catalog/connect_endpoint.h"

namespace cdclake::cli {
namespace {

std::string as_json(const std::vector<config::Fault>& faults) {
  terminal::JsonWriter json;
  json.begin_array();
  for (const config::Fault& fault : faults) {
    json.begin_object().key("key").value(fault.key).key("rule").value(fault.rule);
    json.key("value").value(fault.value).key("origin").value(fault.origin).end_object();
  }
  json.end_array();
  return json.text();
}

void add_fault(const Status& status, std::vector<config::Fault>& faults) {
  if (!status)
    faults.push_back({.key = {}, .rule = status.error().message, .value = {}, .origin = {}});
}

// What only the source can judge: it needs settings that have no fault.
void add_source_faults(const config::Config& config, std::vector<config::Fault>& faults) {
  const SystemClock clock;
  const auto ignore = [](const auto&) {};
  add_fault(pipeline::make_source(config.source, {}, clock).map(ignore), faults);
}

// What the files of types say, whatever else is wrong; no server is asked.
void add_type_file_faults(const config::Config& config, std::vector<config::Fault>& faults) {
  const auto ignore = [](const auto&) {};
  config::TypesConfig catalog;
  catalog.catalog_file = config.types.catalog_file;
  add_fault(pipeline::load_declared_types(catalog).map(ignore), faults);
  if (source_catalog::is_http_address(config.types.connector_config)) return;
  config::TypesConfig connector;
  connector.connector_config = config.types.connector_config;
  add_fault(pipeline::load_declared_types(connector).map(ignore), faults);
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded =
      config::load(arguments.inputs, arguments.values("--input"), config::Purpose::kReadRecords);
  std::vector<config::Fault> faults = loaded.faults;
  if (loaded.faults.empty()) add_source_faults(loaded.config, faults);
  add_type_file_faults(loaded.config, faults);
  if (arguments.has("--json")) {
    speech.out(as_json(faults));
    return faults.empty() ? ExitCode::kDone : ExitCode::kUsage;
  }
  if (const Status status = config::to_status(faults); !status) {
    return report(status.error(), speech);
  }
  speech.out("The configuration is usable: `cdclake run` would start with it.\n");
  return ExitCode::kDone;
}

}  // namespace

Command config_check_command() {
  using enum config::Group;
  return {.group = "config",
          .name = "check",
          .summary = "Print every fault of the configuration; change and reach nothing.",
          .more =
              "Judges what `cdclake run` would judge before it starts. With --input it needs no "
              "topics.",
          .examples =
              "  cdclake config check --env-file lake.env\n"
              "  cdclake config check --input users.jsonl",
          .options = {input_option(), json_option()},
          .settings = {kLake, kLog, kKafka, kRecorded, kBronze, kTypes},
          .run = run};
}

}  // namespace cdclake::cli
