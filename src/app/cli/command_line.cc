#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <optional>

#include "app/cli/version.h"
#include "platform/config/nearest_word.h"
#include "platform/config/printable.h"

namespace cdclake::cli {
namespace {

std::string_view title_of(config::Group group) {
  switch (group) {
    case config::Group::kLake:
      return "The lake";
    case config::Group::kMemory:
      return "Memory";
    case config::Group::kLog:
      return "Logs";
    case config::Group::kKafka:
      return "Kafka";
    case config::Group::kRecorded:
      return "Recorded topics";
    case config::Group::kBronze:
      return "Bronze";
    case config::Group::kTypes:
      return "Types";
    case config::Group::kUpkeep:
      return "Upkeep";
  }
  return {};
}

// One command as the argument parser knows it, and what it found.
struct Parsed {
  Command command;
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  std::map<std::string, std::string> flags;
  std::vector<std::string> kafka_options;
  std::vector<std::string> env_file;
};

void add_own_option(Parsed& parsed, const CommandOption& option) {
  const std::string name(option.name);
  const std::string key = name.substr(name.find("--"));
  if (option.value_name.empty()) {
    parsed.app->add_flag_function(
        name, [&parsed, key](std::int64_t) { parsed.options[key]; }, std::string(option.help));
    return;
  }
  CLI::Option* added = parsed.app->add_option_function<std::vector<std::string>>(
      name,
      [&parsed, key](const std::vector<std::string>& values) { parsed.options[key] = values; },
      std::string(option.help));
  added->type_name(std::string(option.value_name));
  added->expected(1, option.count == CommandOption::Count::kMany ? 100'000 : 1);
  added->required(option.need == CommandOption::Need::kRequired);
}

void add_setting_flag(Parsed& parsed, const config::Setting& setting) {
  if (setting.flag.empty()) return;
  const std::string key(setting.key);
  std::string help = std::string(setting.help) + " [" + key;
  if (!setting.default_value.empty()) help += ", default " + std::string(setting.default_value);
  parsed.app
      ->add_option_function<std::string>(
          std::string(setting.flag),
          [&parsed, key](const std::string& text) { parsed.flags[key] = text; }, help + "]")
      ->type_name(std::string(setting.value_name))
      ->group(std::string(title_of(setting.group)));
}

void add_settings(Parsed& parsed) {
  const auto& groups = parsed.command.settings;
  if (groups.empty()) return;
  parsed.app
      ->add_option("--env-file", parsed.env_file, "Read settings from this file: KEY=value lines.")
      ->type_name("FILE")
      ->expected(1);
  for (const config::Setting& setting : config::all_settings()) {
    if (std::find(groups.begin(), groups.end(), setting.group) != groups.end()) {
      add_setting_flag(parsed, setting);
    }
  }
  if (std::find(groups.begin(), groups.end(), config::Group::kKafka) != groups.end()) {
    parsed.app
        ->add_option("--kafka", parsed.kafka_options,
                     "Pass an option to librdkafka, as often as needed. [CDCLAKE_KAFKA_…]")
        ->type_name("OPTION=VALUE")
        ->expected(1)
        ->take_all()
        ->group(std::string(title_of(config::Group::kKafka)));
  }
}

std::string footer_of(const Command& command) {
  std::string text;
  if (!command.more.empty()) text += std::string(command.more) + "\n\n";
  return text + "Examples:\n" + std::string(command.examples);
}

class Parser {
 public:
  Parser() : root_("The change stream of a PostgreSQL database as lake tables.", "cdclake") {
    root_.require_subcommand(0, 1);
    root_.set_version_flag("--version", "cdclake " + std::string(version()));
    root_.footer(
        "Examples:\n"
        "  cdclake run --once --input users.jsonl    a recorded topic into a lake under ./data\n"
        "  TOPICS=shop.public.users cdclake run      from Kafka, until it is stopped\n"
        "  cdclake status                            what is in the lake\n"
        "  cdclake path --table public.users         the files of the current table\n\n"
        "`cdclake COMMAND --help` explains a command.");
    for (Command& command : all_commands()) add(std::move(command));
  }

  CLI::App& root() { return root_; }

  // The command that was called; null where there was none.
  Parsed* called() {
    for (const auto& parsed : parsed_) {
      if (parsed->app->parsed()) return parsed.get();
    }
    return nullptr;
  }

  // Says what to do about the first word that nobody took, if there is one.
  std::optional<std::string> complaint() {
    Parsed* command = called();
    const CLI::App* last = command != nullptr ? command->app : group_called();
    const CLI::App* app = nullptr;  // The one that was offered the word.
    for (const CLI::App* it = last; it != nullptr; it = it->get_parent()) {
      if (!it->remaining().empty()) app = it;
    }
    if (app == nullptr) return std::nullopt;
    const std::string left = app->remaining().front();
    const bool is_flag = left.starts_with('-');
    const std::string word = left.substr(0, left.find('='));
    if (is_flag && app != last) {
      return config::printable(word) + " stands before the command: flags come after it\nTry `" +
             name_of(last) + " --help`.";
    }
    std::vector<std::string> names;
    for (const CLI::App* child : app->get_subcommands({})) names.push_back(child->get_name());
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string_view meant = config::nearest_word(word, views);
    std::string text = (is_flag ? "unknown flag " : "unknown word ") + config::printable(word);
    if (!meant.empty()) text += "; did you mean " + std::string(meant) + "?";
    return text + "\nTry `" + name_of(app) + " --help`.";
  }

 private:
  void add(Command command) {
    CLI::App* parent = &root_;
    if (!command.group.empty()) {
      parent = group(command.group);
      std::string& examples = examples_[std::string(command.group)];
      if (!examples.empty()) examples += "\n";
      examples += command.examples;
      parent->footer("Examples:\n" + examples);
    }
    auto parsed = std::make_unique<Parsed>();
    parsed->command = std::move(command);
    parsed->app = parent->add_subcommand(std::string(parsed->command.name),
                                         std::string(parsed->command.summary));
    parsed->app->allow_extras();
    parsed->app->footer(footer_of(parsed->command));
    for (const CommandOption& option : parsed->command.options) add_own_option(*parsed, option);
    add_settings(*parsed);
    parsed_.push_back(std::move(parsed));
  }

  CLI::App* group(std::string_view name) {
    CLI::App*& made = groups_[std::string(name)];
    if (made == nullptr) {
      made = root_.add_subcommand(std::string(name), "Commands of `" + std::string(name) + "`.");
      made->require_subcommand(0, 1);
      made->allow_extras();
    }
    return made;
  }

  CLI::App* group_called() {
    for (const auto& [name, app] : groups_) {
      if (app->parsed()) return app;
    }
    return &root_;
  }

  std::string name_of(const CLI::App* app) const {
    std::string name = app->get_name();
    for (app = app->get_parent(); app != nullptr; app = app->get_parent()) {
      name.insert(0, app->get_name() + " ");
    }
    return name;
  }

  CLI::App root_;
  std::map<std::string, CLI::App*> groups_;
  std::map<std::string, std::string> examples_;  ///< Of the commands of a group.
  std::vector<std::unique_ptr<Parsed>> parsed_;
};

// The parser speaks by exceptions; they end here. Nothing: go on with the command that was called.
std::optional<ExitCode> parse(Parser& parser, std::vector<std::string> words,
                              const Speech& speech) {
  try {
    std::reverse(words.begin(), words.end());
    parser.root().allow_extras();
    parser.root().parse(words);
  } catch (const CLI::CallForHelp&) {
    speech.out(parser.root().help());
    return ExitCode::kDone;
  } catch (const CLI::CallForVersion&) {
    speech.out("cdclake " + std::string(version()) + "\n");
    return ExitCode::kDone;
  } catch (const CLI::RequiredError& error) {
    // What is missing may only be misspelled.
    const auto complaint = parser.complaint();
    return report({ErrorKind::kInvalidConfig, complaint ? *complaint : error.what()}, speech);
  } catch (const CLI::ParseError& error) {
    return report({ErrorKind::kInvalidConfig, error.what()}, speech);
  } catch (const std::exception& error) {
    return report({ErrorKind::kInvalidConfig, error.what()}, speech);
  }
  if (const auto complaint = parser.complaint()) {
    return report({ErrorKind::kInvalidConfig, *complaint}, speech);
  }
  return std::nullopt;
}

}  // namespace

ExitCode run_command_line(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& environment,
                          const Speech& speech) {
  Parser parser;
  if (const auto ended = parse(parser, words, speech)) return *ended;
  Parsed* called = parser.called();
  if (called == nullptr) {
    speech.err(parser.root().help());
    return ExitCode::kUsage;
  }
  Arguments arguments{.inputs = {.flags = std::move(called->flags),
                                 .kafka_options = std::move(called->kafka_options),
                                 .environment = environment},
                      .options = std::move(called->options)};
  if (!called->env_file.empty()) arguments.inputs.env_file = called->env_file.back();
  return called->command.run(arguments, speech);
}

}  // namespace cdclake::cli
