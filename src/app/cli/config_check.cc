#include "app/cli/command.h"
#include "app/terminal/json_writer.h"

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

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded =
      config::load(arguments.inputs, arguments.values("--input"), config::Purpose::kReadRecords);
  if (arguments.has("--json")) {
    speech.out(as_json(loaded.faults));
    return loaded.faults.empty() ? ExitCode::kDone : ExitCode::kUsage;
  }
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
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
