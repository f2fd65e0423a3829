#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "app/cli/command.h"
#include "app/pipeline/declared_types.h"
#include "formats/json_document/catalog_document.h"
#include "platform/source_catalog/source_database.h"

namespace cdclake::cli {
namespace {

Error cannot_write(const std::string& path) {
  return {ErrorKind::kUnavailable,
          "cannot write the catalog: " + std::string(std::strerror(errno)) + ": --output=" + path};
}

// Whole or not at all: a stage that reads the file meanwhile finds the old one or the new one.
Status write_file(const std::string& path, const std::string& text) {
  const std::string draft = path + ".part";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(draft.c_str(), "we"),
                                                       &std::fclose);
  if (file == nullptr) return tl::unexpected<Error>(cannot_write(path));
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                          std::fflush(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0;
  if (is_written && std::rename(draft.c_str(), path.c_str()) == 0) return {};
  const Error error = cannot_write(path);
  std::remove(draft.c_str());
  return tl::unexpected<Error>(error);
}

Status export_catalog(const config::Config& config, const std::string& output,
                      const Speech& speech) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto catalog,
      source_catalog::read_source_catalog(pipeline::source_database_of(config.types.database)));
  const std::string text = json_document::to_json_text(catalog);
  if (output.empty() || output == "-") {
    speech.out(text);
    return {};
  }
  CDCLAKE_RETURN_IF_ERROR(write_file(output, text));
  speech.err("wrote " + std::to_string(catalog.tables.size()) + " tables to " + output + "\n");
  return {};
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kReadDatabase);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  const Status status = export_catalog(loaded.config, arguments.value("--output"), speech);
  return status ? ExitCode::kDone : report(status.error(), speech);
}

}  // namespace

Command catalog_export_command() {
  return {.group = "catalog",
          .name = "export",
          .summary = "Write the types of the source database's tables as a file for --catalog.",
          .more =
              "Needs SOURCE_DB_HOST, SOURCE_DB_NAME, SOURCE_DB_USER and, where the database asks, "
              "SOURCE_DB_PASSWORD. Reads the catalog only.",
          .examples =
              "  cdclake catalog export --env-file lake.env -o catalog.json\n"
              "  cdclake catalog export --source-db-host db --source-db-name shop "
              "--source-db-user lake > catalog.json",
          .options = {{.name = "-o,--output",
                       .value_name = "FILE",
                       .help = "Where to write it; without it, or with -, to stdout."}},
          .settings = {config::Group::kTypes},
          .run = run};
}

}  // namespace cdclake::cli
