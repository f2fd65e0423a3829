#include "app/cli/command.h"
#include "app/cli/stage_work.h"

namespace cdclake::cli {

Command silver_stage_command() {
  using enum pipeline::Job;
  const std::vector<pipeline::Job> jobs = {kSilverStage};
  return {
      .group = "silver",
      .name = "stage",
      .summary = "Turn raw records into typed change rows.",
      .more =
          "Types come from the messages' schema blocks, else from the catalog. Records that cannot "
          "be "
          "rows go to the quarantine with a reason.",
      .examples =
          "  cdclake silver stage --once\n"
          "  cdclake silver stage --once --catalog catalog.json --connector-config connector.json",
      .options = stage_options(jobs),
      .settings = stage_settings(jobs),
      .run = [jobs](const Arguments& arguments, const Speech& speech) {
        return run_stages(arguments, speech, jobs);
      }};
}

}  // namespace cdclake::cli
