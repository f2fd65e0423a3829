#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

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
  std::vector<metadata::PreparedFile> files;
};

// What the folder that people read shows: the newest version that is published.
struct ShownVersion {
  std::int64_t version = 0;
  std::set<std::string> links;
};

std::string marker_of(const std::filesystem::path& folder) {
  std::ifstream in(folder / "_VERSION");
  return {std::istreambuf_iterator<char>(in), {}};
}

// Nothing where no version is published, or where new ones come faster than a folder is read.
std::optional<ShownVersion> look_at(const std::filesystem::path& folder) {
  for (int looks = 0; looks < 10; ++looks) {
    ShownVersion shown;
    const std::string marker = marker_of(folder);
    if (marker.empty()) return std::nullopt;
    std::from_chars(marker.data(), marker.data() + marker.size(), shown.version);
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; at != end && !error;
         at.increment(error)) {
      if (at->path().extension() == ".parquet") shown.links.insert(at->path().stem().string());
    }
    if (!error && marker == marker_of(folder)) return shown;
  }
  return std::nullopt;
}

Result<metadata::Table> find_table(metadata::MetadataStore& store, const std::string& name) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto tables, store.tables());
  std::vector<std::string> names;
  for (const metadata::Table& table : tables) {
    if (table.id.name() == name || table.path_segment == name) return table;
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
  // Readers run elsewhere than we do.
  std::error_code error;
  const std::string silver_root =
      std::filesystem::absolute(lake.silver_base, error).lexically_normal().string();
  const auto shown = look_at(silver_root + "/current/table=" + table.path_segment);
  if (!shown) {
    return fail(ErrorKind::kInvalidConfig, name +
                                               " has no current version yet: run `cdclake run` "
                                               "or `cdclake silver merge`, see `cdclake status`");
  }
  VersionFiles found{.table = table.id.name(), .version = shown->version, .paths = {}, .files = {}};
  for (const std::string& link : shown->links) {
    // A link is called <place>-<file id>.
    CDCLAKE_ASSIGN_OR_RETURN(auto file, store.file(FileId(link.substr(link.find('-') + 1))));
    found.paths.push_back(silver_root + "/" + file.final_path.relative);
    found.files.push_back(std::move(file));
  }
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
