#include "app/cli/command.h"
#include "app/cli/stage_work.h"
#include "app/pipeline/lake_status.h"
#include "app/terminal/text_table.h"
#include "stages/upkeep/upkeep.h"

namespace cdclake::cli {
namespace {

Result<std::vector<upkeep::Share>> plan(const config::Config& config) {
  const SystemClock clock;
  const config::LakeConfig& lake = config.lake;
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto fs,
                           lake::open_posix_lake_to_read({lake.bronze_base, lake.silver_base}));
  return upkeep::plan_upkeep(*fs, store, clock,
                             pipeline::upkeep_config(config, pipeline::Haste::kNow));
}

ExitCode dry_run(const Arguments& arguments, const Speech& speech) {
  const auto loaded = config::load(arguments.inputs, {}, config::Purpose::kWorkInLake);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  const auto found = plan(loaded.config);
  if (!found) return report(found.error(), speech);
  std::string text;
  for (const upkeep::Share& share : *found) {
    text += terminal::grouped(share.files) + " " + share.what + ": " +
            terminal::byte_size(share.bytes) + "\n";
  }
  speech.out(text.empty() ? "nothing to do\n" : text);
  return ExitCode::kDone;
}

}  // namespace

Command maintain_command() {
  const std::vector<pipeline::Job> jobs = {pipeline::Job::kUpkeep};
  std::vector<CommandOption> options = stage_options(jobs);
  options.push_back({.name = "--dry-run",
                     .value_name = {},
                     .help = "Print what --once would do now, kind by kind, and change nothing."});
  return {
      .group = {},
      .name = "maintain",
      .summary = "Keep the files in shape: put small ones together, remove old ones.",
      .more =
          "`cdclake run` does the same beside the stages, a little at a time.\n\n"
          "stage      merged files of a day that are small become one, with the same rows\n"
          "replaced   files that another took the place of go after CDCLAKE_GRACE_HOURS\n"
          "hidden     files that a process left that died go\n"
          "old        Bronze and stage expire by age, where that is set\n"
          "store      rows that nothing needs any more go\n\n"
          "Readers see the files of a folder before or after, never both. Nothing goes that the "
          "stage or a merge is still to read.",
      .examples =
          "  cdclake maintain --dry-run\n"
          "  cdclake maintain --once",
      .options = std::move(options),
      .settings = stage_settings(jobs),
      .run = [jobs](const Arguments& arguments, const Speech& speech) {
        if (arguments.has("--dry-run")) return dry_run(arguments, speech);
        return run_stages(arguments, speech, jobs);
      }};
}

}  // namespace cdclake::cli
