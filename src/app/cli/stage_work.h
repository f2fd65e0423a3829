#pragma once

#include <vector>

#include "app/cli/command.h"
#include "app/pipeline/run_jobs.h"

namespace cdclake::cli {

/// What the commands of the stages and of upkeep have in common: loads the configuration, minds the
/// stop signals, runs the jobs, and says what is not exact in the end.
ExitCode run_stages(const Arguments& arguments, const Speech& speech,
                    const std::vector<pipeline::Job>& jobs);

/// `--once`, and what `jobs` take beside it.
std::vector<CommandOption> stage_options(const std::vector<pipeline::Job>& jobs);
/// The settings that `jobs` read.
std::vector<config::Group> stage_settings(const std::vector<pipeline::Job>& jobs);

}  // namespace cdclake::cli
