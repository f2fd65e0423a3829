#include <algorithm>
#include <filesystem>

#include "app/cli/command.h"
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

ExitCode run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  const auto done = rebuild_store(loaded.config.lake, speech);
  if (!done) return report(done.error(), speech);
  speech.out(as_text(*done, loaded.config.lake));
  return done->gaps.empty() ? ExitCode::kDone : ExitCode::kIncomplete;
}

}  // namespace

Command rebuild_command() {
  return {.group = {},
          .name = "rebuild",
          .summary = "Make the metadata store again from the files of the lake.",
          .more =
              "For a store that is lost, damaged, or older than its lake (a copy that was brought "
              "back). Reads every file of Bronze whole and proves it. Bronze comes back as it was; "
              "what lies in Silver is moved out of sight, and the next `cdclake run`, with the "
              "settings of the runs before, makes it again from Bronze. The store from before is "
              "kept beside the new one. Needs the lake for itself: stop every job first. Killed, "
              "it is begun again.\n\n"
              "Exit codes: 0 done; 2 usage or configuration; 3 done, but offsets are in no file; 4 "
              "disk out of reach; 5 another process works in the lake; 6 a file of Bronze is "
              "damaged.",
          .examples = "  cdclake rebuild --metadata\n",
          .options = {{.name = "--metadata",
                       .value_name = {},
                       .help = "Make the metadata store again.",
                       .need = CommandOption::Need::kRequired}},
          .settings = {config::Group::kLake},
          .run = run};
}

}  // namespace cdclake::cli
