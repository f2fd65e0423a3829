#include <algorithm>
#include <filesystem>

#include "app/cli/command.h"
#include "app/cli/table_rebuild.h"
#include "app/pipeline/lake_status.h"
#include "app/terminal/progress_line.h"
#include "app/terminal/text_table.h"
#include "platform/config/printable.h"
#include "platform/lake/lake_fs.h"
#include "stages/rebuild/metadata_rebuild.h"

namespace cdclake::cli {
namespace {

using terminal::byte_size;
using terminal::grouped;

/// In the text. A damaged disk must not fill a terminal.
constexpr std::size_t kGapsShown = 50;

/// Makes no lake where there is none.
Result<std::unique_ptr<lake::LakeFs>> open_lake(const config::LakeConfig& lake) {
  std::error_code error;
  if (!std::filesystem::exists(lake.bronze_base + "/.cdclake/lake.json", error)) {
    return fail(ErrorKind::kInvalidConfig,
                "the folder is no lake of cdclake (there is no .cdclake/lake.json): "
                "BRONZE_BASE_PATH=" +
                    lake.bronze_base);
  }
  return lake::open_posix_lake({lake.bronze_base, lake.silver_base});
}

std::string as_text(const rebuild::MetadataReport& report, const config::LakeConfig& lake) {
  std::string text = "Bronze   " + grouped(report.files) + " files, " + byte_size(report.bytes) +
                     ", " + grouped(report.records) + " records in " + grouped(report.partitions) +
                     " partitions\n";
  const auto shown = std::min(report.gaps.size(), kGapsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const model::Gap& gap = report.gaps[i];
    text += "GAP      " + config::printable(model::describe(gap.partition)) + " [" +
            std::to_string(gap.range.first) + ", " + std::to_string(gap.range.next) +
            "): no file holds these offsets; they were a known gap, or a file is missing\n";
  }
  if (report.gaps.size() > shown) {
    text += "GAP      and " + grouped(static_cast<std::int64_t>(report.gaps.size() - shown)) +
            " more\n";
  }
  text += "store    made again: " + lake.metadata_db + "\n";
  if (!report.kept.empty()) text += "         the one before is kept: " + report.kept + "\n";
  if (report.moved_silver) {
    text += "Silver   moved out of sight; the next `cdclake run` makes it again from Bronze\n";
  }
  return text;
}

Result<rebuild::MetadataReport> rebuild_store(const config::LakeConfig& lake,
                                              const Speech& speech) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(const auto fs, open_lake(lake));
  terminal::ProgressLine line(speech.err_is_terminal ? terminal::ProgressLine::Device::kTerminal
                                                     : terminal::ProgressLine::Device::kOther,
                              clock, speech.err);
  return rebuild::rebuild_metadata(
      *fs, lake.metadata_db, clock, [&](std::int64_t done, std::int64_t all) {
        line.show("rebuild", grouped(done) + " of " + grouped(all) + " files of Bronze");
      });
}

ExitCode run_metadata(const config::Config& config, const Speech& speech) {
  const auto done = rebuild_store(config.lake, speech);
  if (!done) return report(done.error(), speech);
  speech.out(as_text(*done, config.lake));
  return done->gaps.empty() ? ExitCode::kDone : ExitCode::kIncomplete;
}

// As far as the tables are not exact, the answer is that of a run.
Result<ExitCode> judge(const config::LakeConfig& lake, const std::vector<std::string>& names,
                       const Speech& speech) {
  const SystemClock clock;
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto status, pipeline::read_lake_status(store, 0));
  bool is_exact = true;
  for (const pipeline::TableStatus& table : status.tables) {
    const std::string name = table.table.id.display();
    if (std::ranges::find(names, name) == names.end()) continue;
    is_exact = is_exact && table.is_exact();
    speech.out("made again  " + config::printable(name) + ": " + grouped(table.current_rows()) +
               " rows" + (table.is_exact() ? "" : "; not exact, `cdclake status` says why") + "\n");
  }
  return is_exact ? ExitCode::kDone : ExitCode::kIncomplete;
}

ExitCode run_table(const config::Config& config, const std::string& table, const Speech& speech) {
  const auto names = rebuild_tables(config, table, speech);
  if (!names) return report(names.error(), speech);
  const auto code = judge(config.lake, *names, speech);
  return code ? *code : report(code.error(), speech);
}

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  if (arguments.has("--metadata") == arguments.has("--table")) {
    return report({ErrorKind::kInvalidConfig,
                   "say what is to be made again: --metadata, or --table SCHEMA.TABLE"},
                  speech);
  }
  if (arguments.has("--metadata")) return run_metadata(loaded.config, speech);
  return run_table(loaded.config, arguments.value("--table"), speech);
}

}  // namespace

Command rebuild_command() {
  return {
      .group = {},
      .name = "rebuild",
      .summary = "Make the metadata store, or a table, again from the files of the lake.",
      .more =
          "--metadata   For a store that is lost, damaged, or older than its lake (a copy that was "
          "brought back). Reads every file of Bronze whole and proves it. Bronze comes back as it "
          "was; what lies in Silver is moved out of sight, and the next `cdclake run`, with the "
          "settings of the runs before, makes it again. The store from before is kept beside the "
          "new one. Needs the lake for itself: stop every job first.\n\n"
          "--table      Stage and current of a table, and of all that share its topics, from "
          "Bronze, with the types that the settings give now, or else those that are kept beside "
          "Bronze; records in the quarantine are tried again. The new files take the old ones' "
          "place in one step; until then readers see the "
          "old ones. Bronze may be written meanwhile; compaction, stage and merge must not run.\n\n"
          "Killed, either is begun again by the next call.\n\n"
          "Exit codes: 0 done; 2 usage or configuration; 3 done, but offsets are in no file, or a "
          "table is not exact; 4 disk out of reach; 5 another process works in the lake; 6 a file "
          "of Bronze is damaged.",
      .examples =
          "  cdclake rebuild --metadata\n"
          "  cdclake rebuild --table public.users --catalog mended.json\n",
      .options = {{.name = "--metadata",
                   .value_name = {},
                   .help = "Make the metadata store again."},
                  {.name = "--table",
                   .value_name = "SCHEMA.TABLE",
                   .help = "Make this table again, and those that share its topics."}},
      .settings = {config::Group::kLake, config::Group::kMemory, config::Group::kLog,
                   config::Group::kTypes},
      .run = run};
}

}  // namespace cdclake::cli
