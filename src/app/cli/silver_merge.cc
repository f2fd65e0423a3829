#include "app/cli/command.h"
#include "app/cli/stage_work.h"

namespace cdclake::cli {

Command silver_merge_command() {
  using enum pipeline::Job;
  const std::vector<pipeline::Job> jobs = {kSilverMerge};
  return {.group = "silver",
          .name = "merge",
          .summary = "Merge change rows into the current tables.",
          .more = "Publishes every table that changed in one step, with its progress.",
          .examples = "  cdclake silver merge --once",
          .options = stage_options(jobs),
          .settings = stage_settings(jobs),
          .run = [jobs](const Arguments& arguments, const Speech& speech) {
            return run_stages(arguments, speech, jobs);
          }};
}

}  // namespace cdclake::cli
