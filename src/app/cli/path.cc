#include <filesystem>

#include "app/cli/command.h"
#include "app/pipeline/lake_status.h"
#include "app/terminal/json_writer.h"
#include "platform/config/nearest_word.h"
#include "platform/config/printable.h"

namespace cdclake::cli {
namespace {

// The files of one version, where they are on this machine.
struct VersionFiles {
  std::string table;
  std::int64_t version = 0;
  std::vector<std::string> paths;
  std::vector<metadata::CurrentFile> files;
};

Result<metadata::Table> find_table(metadata::MetadataStore& store, const std::string& name) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto tables, store.tables());
  std::vector<std::string> names;
  for (const metadata::Table& table : tables) {
    if (table.id.display() == name || table.path_segment == name) return table;
    names.push_back(table.id.display());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view meant = config::nearest_word(name, views);
  std::string message = "no table of the lake is called " + name;
  if (!meant.empty()) message += "; did you mean " + std::string(meant) + "?";
  return fail(ErrorKind::kInvalidConfig, message + " (`cdclake status` lists them)");
}

Result<VersionFiles> find_files(const config::LakeConfig& lake, const std::string& name) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto table, find_table(store, name));
  CDCLAKE_ASSIGN_OR_RETURN(auto version, store.current_version(table.key));
  if (!version) {
    return fail(ErrorKind::kInvalidConfig, name +
                                               " has no current version yet: run `cdclake run` "
                                               "or `cdclake silver merge`, see `cdclake status`");
  }
  VersionFiles found{
      .table = table.id.display(), .version = version->version, .paths = {}, .files = {}};
  // Readers run elsewhere than we do.
  std::error_code error;
  const std::string silver_root =
      std::filesystem::absolute(lake.silver_base, error).lexically_normal().string();
  for (const metadata::CurrentFile& file : version->files) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto stored, store.file(file.id));
    found.paths.push_back(silver_root + "/" + stored.final_path.relative);
  }
  found.files = std::move(version->files);
  return found;
}

std::string as_json(const VersionFiles& found) {
  terminal::JsonWriter json;
  json.begin_object().key("table").value(found.table).key("version").value(found.version);
  json.key("files").begin_array();
  for (std::size_t i = 0; i < found.files.size(); ++i) {
    json.begin_object().key("path").value(found.paths[i]);
    json.key("rows")
        .value(found.files[i].rows)
        .key("bytes")
        .value(found.files[i].bytes)
        .end_object();
  }
  json.end_array().end_object();
  return json.text();
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  const auto found = find_files(loaded.config.lake, arguments.value("--table"));
  if (!found) return report(found.error(), speech);
  if (arguments.has("--json")) {
    speech.out(as_json(*found));
  } else {
    for (const std::string& path : found->paths) speech.out(path + "\n");
  }
  return ExitCode::kDone;
}

}  // namespace

Command path_command() {
  return {.group = {},
          .name = "path",
          .summary = "Print the files of a table's newest version, one a line.",
          .more =
              "The files stay for the grace period at least (CDCLAKE_GRACE_HOURS), also when newer "
              "versions come.",
          .examples =
              "  cdclake path --table public.users\n"
              "  duckdb -c \"SELECT count(*) FROM read_parquet([$(cdclake path --table "
              "public.users | sed \"s/.*/'&'/\" | paste -sd,)])\"",
          .options = {{.name = "--table",
                       .value_name = "SCHEMA.TABLE",
                       .help = "The table, as the source calls it.",
                       .need = CommandOption::Need::kRequired},
                      json_option()},
          .settings = {config::Group::kLake},
          .run = run};
}

}  // namespace cdclake::cli
