#include "app/cli/command.h"
#include "app/cli/stage_work.h"

namespace cdclake::cli {

Command bronze_compact_command() {
  using enum pipeline::Job;
  const std::vector<pipeline::Job> jobs = {kBronzeCompact};
  return {.group = "bronze",
          .name = "compact",
          .summary = "Put the small files of finished runs into one file each.",
          .more = "Proves that the records are the same before the small files go.",
          .examples = "  cdclake bronze compact --once",
          .options = stage_options(jobs),
          .settings = stage_settings(jobs),
          .run = [jobs](const Arguments& arguments, const Speech& speech) {
            return run_stages(arguments, speech, jobs);
          }};
}

}  // namespace cdclake::cli
