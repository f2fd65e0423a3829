#include "app/cli/command.h"
#include "app/terminal/json_writer.h"
#include "app/terminal/text_table.h"
#include "platform/config/shown_setting.h"

namespace cdclake::cli {
namespace {

std::string as_json(const std::vector<config::ShownSetting>& settings) {
  terminal::JsonWriter json;
  json.begin_array();
  for (const config::ShownSetting& setting : settings) {
    json.begin_object().key("key").value(setting.key).key("value").value(setting.value);
    json.key("origin").value(setting.origin).end_object();
  }
  json.end_array();
  return json.text();
}

std::string as_text(const std::vector<config::ShownSetting>& settings) {
  terminal::TextTable table({"setting", "value", "from"});
  for (const config::ShownSetting& setting : settings) {
    table.add({setting.key, setting.value.empty() ? "-" : setting.value, setting.origin});
  }
  return table.text();
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  const auto settings = config::shown_settings(loaded.values);
  speech.out(arguments.has("--json") ? as_json(settings) : as_text(settings));
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  return ExitCode::kDone;
}

}  // namespace

Command config_show_command() {
  using enum config::Group;
  return {.group = "config",
          .name = "show",
          .summary = "Print every setting, where it came from, and secrets masked.",
          .more = {},
          .examples =
              "  cdclake config show\n"
              "  cdclake config show --env-file lake.env --json",
          .options = {json_option()},
          .settings = {kLake, kMemory, kLog, kKafka, kRecorded, kBronze, kTypes, kUpkeep},
          .run = run};
}

}  // namespace cdclake::cli
