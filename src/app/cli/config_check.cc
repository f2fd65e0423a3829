#include <algorithm>
#include <iterator>

#include "app/cli/command.h"
#include "app/pipeline/judge_inputs.h"
#include "app/terminal/json_writer.h"

namespace cdclake::cli {
namespace {

std::string as_json(const std::vector<config::Fault>& faults) {
  terminal::JsonWriter json;
  json.begin_array();
  for (const config::Fault& fault : faults) {
    json.begin_object().key("key").value(fault.key).key("rule").value(fault.rule);
    json.key("value")
        .value(config::shown_value(fault))
        .key("origin")
        .value(fault.origin)
        .end_object();
  }
  json.end_array();
  return json.text();
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded =
      config::load(arguments.inputs, arguments.values("--input"), config::Purpose::kReadRecords);
  std::vector<config::Fault> faults = loaded.faults;
  const auto add = [&faults](std::vector<config::Fault> found) {
    std::ranges::move(found, std::back_inserter(faults));
  };
  add(pipeline::judge_source(loaded.config.source));
  add(pipeline::judge_type_files(loaded.config.types));
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
          .settings = {kLake, kMemory, kLog, kKafka, kRecorded, kBronze, kTypes, kUpkeep},
          .run = run};
}

}  // namespace cdclake::cli
