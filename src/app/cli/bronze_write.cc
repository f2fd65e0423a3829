#include "app/cli/command.h"
#include "app/cli/stage_work.h"

namespace cdclake::cli {

Command bronze_write_command() {
  using enum pipeline::Job;
  const std::vector<pipeline::Job> jobs = {kBronzeWrite};
  return {
      .group = "bronze",
      .name = "write",
      .summary = "Write topics into the raw history, byte for byte.",
      .more =
          "Reads on where the lake stands, from Kafka or from recorded topics.\n\n"
          "Exit codes: 0 done; 2 usage or configuration; 3 with --once: done, but a partition "
          "is read no further (`cdclake status` says which and why); 4 broker, disk or database "
          "out of reach; 5 another process holds the role; 6 stored data is damaged.",
      .examples =
          "  cdclake bronze write --topics ^shop[.]public[.].*\n"
          "  cdclake bronze write --once --input users.jsonl orders.jsonl\n"
          "  kcat -C -J -e -o beginning -t shop.public.users | cdclake bronze write --once "
          "--input -",
      .options = stage_options(jobs),
      .settings = stage_settings(jobs),
      .run = [jobs](const Arguments& arguments, const Speech& speech) {
        return run_stages(arguments, speech, jobs);
      }};
}

}  // namespace cdclake::cli
