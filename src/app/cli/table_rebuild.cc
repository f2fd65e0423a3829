#include "app/cli/table_rebuild.h"

#include <algorithm>
#include <optional>

#include "app/pipeline/run_jobs.h"
#include "app/pipeline/stage_loops/stop_signal.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "app/terminal/progress_line.h"
#include "platform/logging/log.h"
#include "stages/rebuild/remembered_types.h"
#include "stages/rebuild/table_rebuild.h"

namespace cdclake::cli {
namespace {

using metadata::Role;
using pipeline::Job;

bool names_types(const config::TypesConfig& types) {
  return !types.catalog_file.empty() || !types.connector_config.empty() ||
         !types.database.host.empty();
}

// The stage and the merge work in the workshop as they do in any lake.
config::Config for_workshop(config::Config config, const rebuild::Workshop& workshop,
                            const std::optional<rebuild::RememberedTypes>& remembered) {
  config.lake.bronze_base = workshop.roots.bronze;
  config.lake.silver_base = workshop.roots.silver;
  config.lake.metadata_db = workshop.store_path;
  if (remembered) {
    config.types.catalog_file = remembered->catalog_file;
    config.types.connector_config = remembered->connector_config;
  }
  return config;
}

// Halves of key moves that were taken alone because the input was said to be complete are so again.
Result<pipeline::Input> input_of(metadata::MetadataStore& store,
                                 const std::vector<metadata::Table>& tables) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto flaws, store.flaws());
  for (const metadata::Table& table : tables) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto held_back, store.held_back(table.key));
    if (!held_back.empty()) return pipeline::Input::kMayGoOn;
  }
  const bool took_alone = std::ranges::any_of(flaws, [&](const metadata::Flaw& flaw) {
    return flaw.cause == "LOST_HALF" &&
           std::ranges::any_of(
               tables, [&](const metadata::Table& table) { return table.key == flaw.table; });
  });
  return took_alone ? pipeline::Input::kIsComplete : pipeline::Input::kMayGoOn;
}

Status adopt(pipeline::Desk& stage, pipeline::Desk& merge, lake::LakeFs& fs,
             const rebuild::Workshop& workshop) {
  commit::JobRun run = stage.runs_of("silver_stage");
  CDCLAKE_RETURN_IF_ERROR(run.begin());
  const Status adopted =
      rebuild::adopt_workshop(fs, stage.store(), workshop,
                              {.stage = stage.lease(), .merge = merge.lease(), .run = run.id()});
  if (!adopted) {
    static_cast<void>(run.end(metadata::RunStatus::kFailed));
    return adopted;
  }
  CDCLAKE_RETURN_IF_ERROR(stage.publisher().recover());
  CDCLAKE_RETURN_IF_ERROR(merge.publisher().recover());
  return run.end(metadata::RunStatus::kSuccess);
}

Result<std::vector<std::string>> work(const config::Config& config, const std::string& table,
                                      const std::stop_token& stop, const pipeline::Voice& voice) {
  const SystemClock clock;
  CDCLAKE_RETURN_IF_ERROR(metadata::MetadataStore::judge(config.lake.metadata_db));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto fs, lake::open_posix_lake({config.lake.bronze_base, config.lake.silver_base}));
  std::stop_source inner_stop;
  const std::stop_callback pass_on(stop, [&inner_stop] { inner_stop.request_stop(); });
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto leases,
      pipeline::LeaseKeeper::take(
          config.lake.metadata_db,
          {Role::kBronzeCompact, Role::kSilverStage, Role::kSilverMerge, Role::kUpkeep}, clock,
          [&](const Error&) { inner_stop.request_stop(); }));
  const auto plan = pipeline::plan_memory(config.memory.limit_bytes, {});
  memory::SpareMemory spare(plan.spare_bytes);
  const pipeline::Workplace place{.config = config,
                                  .fs = *fs,
                                  .leases = leases,
                                  .memory_plan = plan,
                                  .spare_memory = spare,
                                  .clock = clock};
  CDCLAKE_ASSIGN_OR_RETURN(const auto compact, pipeline::Desk::open(place, Role::kBronzeCompact));
  CDCLAKE_ASSIGN_OR_RETURN(const auto stage, pipeline::Desk::open(place, Role::kSilverStage));
  CDCLAKE_ASSIGN_OR_RETURN(const auto merge, pipeline::Desk::open(place, Role::kSilverMerge));
  CDCLAKE_ASSIGN_OR_RETURN(const auto upkeep, pipeline::Desk::open(place, Role::kUpkeep));
  CDCLAKE_RETURN_IF_ERROR(stage->end_dead_runs("silver_stage"));
  CDCLAKE_RETURN_IF_ERROR(merge->end_dead_runs("silver_merge"));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto workshop,
      rebuild::build_workshop(*fs, stage->store(), config.lake.metadata_db, table));
  std::optional<rebuild::RememberedTypes> remembered;
  if (!names_types(config.types)) {
    CDCLAKE_ASSIGN_OR_RETURN(remembered, rebuild::remember_types(*fs, workshop));
  }
  CDCLAKE_ASSIGN_OR_RETURN(const auto input, input_of(stage->store(), workshop.tables));
  const pipeline::Assignment assignment{.jobs = {Job::kSilverStage, Job::kSilverMerge},
                                        .mode = pipeline::Mode::kOnce,
                                        .input = input};
  CDCLAKE_RETURN_IF_ERROR(run_jobs(for_workshop(config, workshop, remembered), assignment,
                                   inner_stop.get_token(), voice, clock));
  if (inner_stop.stop_requested()) {
    return fail(ErrorKind::kCancelled, "stopped as asked; nothing was changed");
  }
  CDCLAKE_RETURN_IF_ERROR(adopt(*stage, *merge, *fs, workshop));
  CDCLAKE_RETURN_IF_ERROR(rebuild::clear_workshop(*fs, config.lake.metadata_db));
  std::vector<std::string> names;
  for (const metadata::Table& it : workshop.tables) names.push_back(it.id.display());
  return names;
}

}  // namespace

Result<std::vector<std::string>> rebuild_tables(const config::Config& config,
                                                const std::string& table, const Speech& speech) {
  const SystemClock clock;
  terminal::ProgressLine line(speech.err_is_terminal ? terminal::ProgressLine::Device::kTerminal
                                                     : terminal::ProgressLine::Device::kOther,
                              clock, speech.err);
  const logging::Log log(config.log, clock, [&line] { line.clear(); });
  CDCLAKE_ASSIGN_OR_RETURN(auto signal, pipeline::StopSignal::watch());
  const pipeline::Voice voice{
      .log = &log,
      .progress = [&line](std::string_view job, std::string_view text) { line.show(job, text); }};
  auto names = work(config, table, signal.source().get_token(), voice);
  line.clear();
  return names;
}

}  // namespace cdclake::cli
