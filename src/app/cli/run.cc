#include "app/cli/command.h"
#include "app/cli/stage_work.h"

namespace cdclake::cli {

Command run_command() {
  using enum pipeline::Job;
  const std::vector<pipeline::Job> jobs = {kBronzeWrite, kBronzeCompact, kSilverStage, kSilverMerge,
                                           kUpkeep};
  return {
      .group = {},
      .name = "run",
      .summary = "Run all four stages, and upkeep, in one process.",
      .more =
          "Keeps going until SIGTERM or SIGINT, which commit what was read and end with 0. "
          "With --once the stages run one after the other, each to the end that it sees at its "
          "start; then files are kept in shape (`cdclake maintain`).\n\n"
          "Exit codes: 0 done; 2 usage or configuration; 3 with --once: done, but a table is "
          "not exact or a partition is read no further (`cdclake status` says which and why); 4 "
          "broker, disk or database out of reach; 5 another process holds the role; 6 stored data "
          "is damaged.",
      .examples =
          "  cdclake run --once --input users.jsonl.zst\n"
          "  TOPICS=shop.public.users,shop.public.orders cdclake run\n"
          "  cdclake run --env-file lake.env --once",
      .options = stage_options(jobs),
      .settings = stage_settings(jobs),
      .run = [jobs](const Arguments& arguments, const Speech& speech) {
        return run_stages(arguments, speech, jobs);
      }};
}

}  // namespace cdclake::cli
