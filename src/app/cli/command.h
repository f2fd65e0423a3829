#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/exit_code.h"
#include "base/clock.h"
#include "platform/config/config.h"
#include "platform/config/setting.h"

namespace cdclake::cli {

/// What a command was called with, before any of it is judged.
struct Arguments {
  config::Inputs inputs;  ///< Flags of settings, environment, env-file.
  std::map<std::string, std::vector<std::string>, std::less<>> options;  ///< Own options, if given.

  bool has(std::string_view option) const { return options.contains(option); }
  /// Empty where the option was not given.
  std::string value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;
};

/// Where a command speaks: results on `out`, everything else on `err`. Neither ever throws or ends
/// the process when the other side has gone.
struct Speech {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  bool err_is_terminal = false;
};

/// An option of one command that is no setting.
struct CommandOption {
  std::string_view name;        ///< With dashes; `-o,--output` gives both forms.
  std::string_view value_name;  ///< Empty: a switch.
  std::string_view help;
  enum class Count : std::uint8_t { kOnce, kMany } count = Count::kOnce;
  enum class Need : std::uint8_t { kOptional, kRequired } need = Need::kOptional;
};

/// One command: what it is called, what it takes and what it does.
struct Command {
  std::string_view group;  ///< `bronze`; empty for commands of one word.
  std::string_view name;
  std::string_view summary;
  std::string_view more;      ///< A paragraph for `--help`.
  std::string_view examples;  ///< Lines for `--help`, each a command to type.
  std::vector<CommandOption> options;
  std::vector<config::Group> settings;
  std::function<ExitCode(const Arguments&, const Speech&)> run;
};

/// All commands, in the order of `--help`. Each is made in a file of its name.
std::vector<Command> all_commands();

Command bronze_write_command();
Command bronze_compact_command();
Command silver_stage_command();
Command silver_merge_command();
Command run_command();
Command maintain_command();
Command status_command();
Command audit_command();
Command path_command();
Command rebuild_command();
Command catalog_export_command();
Command config_show_command();
Command config_check_command();

/// Options that several commands have.
CommandOption json_option();
CommandOption input_option();

/// Says what went wrong and returns the code that goes with it.
ExitCode report(const Error& error, const Speech& speech);

}  // namespace cdclake::cli
