#include "app/cli/command.h"

#include "platform/config/printable.h"

namespace cdclake::cli {

std::string Arguments::value(std::string_view option) const {
  const auto found = options.find(option);
  return found == options.end() || found->second.empty() ? std::string() : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

std::vector<Command> all_commands() {
  return {run_command(),          bronze_write_command(),   bronze_compact_command(),
          silver_stage_command(), silver_merge_command(),   maintain_command(),
          status_command(),       audit_command(),          rebuild_command(),
          path_command(),         catalog_export_command(), config_show_command(),
          config_check_command()};
}

CommandOption json_option() {
  return {.name = "--json", .value_name = {}, .help = "Print JSON, for programs."};
}

CommandOption input_option() {
  return {.name = "--input",
          .value_name = "FILE",
          .help =
              "Read recorded topics instead of Kafka: JSON Lines as `kcat -J` prints them, also "
              ".gz and .zst; - is stdin. Several may follow.",
          .count = CommandOption::Count::kMany};
}

ExitCode report(const Error& error, const Speech& speech) {
  // A message may have several lines of ours, and outside text in any of them.
  std::string text = "cdclake: ";
  std::string_view rest = error.message;
  for (std::size_t end = 0; end != std::string_view::npos; rest.remove_prefix(end + 1)) {
    end = rest.find('\n');
    text += config::printable(rest.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
  }
  speech.err(text);
  return exit_code_of(error.kind);
}

}  // namespace cdclake::cli
