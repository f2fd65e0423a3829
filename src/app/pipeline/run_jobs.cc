#include "app/pipeline/run_jobs.h"

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "app/pipeline/bronze_compact_job.h"
#include "app/pipeline/bronze_write_job.h"
#include "app/pipeline/judge_inputs.h"
#include "app/pipeline/silver_merge_job.h"
#include "app/pipeline/silver_stage_job.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "app/pipeline/upkeep_loop/upkeep_job.h"

namespace cdclake::pipeline {
namespace {

constexpr std::chrono::milliseconds kIdleWait{500};
constexpr std::chrono::milliseconds kCompactIdleWait{5'000};
constexpr std::chrono::milliseconds kUpkeepIdleWait{5'000};

metadata::Role role_of(Job job) {
  switch (job) {
    case Job::kBronzeWrite:
      return metadata::Role::kBronzeWrite;
    case Job::kBronzeCompact:
      return metadata::Role::kBronzeCompact;
    case Job::kSilverStage:
      return metadata::Role::kSilverStage;
    case Job::kSilverMerge:
      return metadata::Role::kSilverMerge;
    case Job::kUpkeep:
      return metadata::Role::kUpkeep;
  }
  return metadata::Role::kUpkeep;
}

// Where the first bad news of several threads is kept.
class FirstError {
 public:
  explicit FirstError(std::stop_source& stop) : stop_(stop) {}

  void report(const Error& error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = error;
    stop_.request_stop();
  }

  Status status() const {
    const std::scoped_lock lock(mutex_);
    return error_ ? Status(tl::unexpected<Error>(*error_)) : Status();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
  std::stop_source& stop_;
};

template <typename StageJob>
StagePlan plan_of(Job job, std::chrono::milliseconds idle_wait, StageJob& stage) {
  return {.job = std::string(to_string(job)),
          .idle_wait = idle_wait,
          .open = [&stage] { return stage.open(); },
          .round = [&stage](const std::stop_token& stop) { return stage.round(stop); },
          .finish = [&stage] { return stage.finish(); }};
}

silver_current::SilverMergeConfig merge_config(Input input) {
  silver_current::SilverMergeConfig config;
  config.open_moves = input == Input::kIsComplete ? silver_current::OpenMoves::kTakeAsAlone
                                                  : silver_current::OpenMoves::kHoldBack;
  return config;
}

// Drives one job from its opening to its end.
Status drive_job(Job job, const Assignment& assignment, const Workplace& place,
                 const std::stop_token& stop, const Voice& voice) {
  const auto progress = [&voice, name = to_string(job)](const std::string& text) {
    if (voice.progress) voice.progress(name, text);
  };
  switch (job) {
    case Job::kBronzeWrite: {
      BronzeWriteJob stage(place, assignment.mode);
      StagePlan plan = plan_of(job, stage.idle_wait(), stage);
      plan.reopening = stage.reopening();
      plan.owes_nothing = [&stage] { return stage.owes_nothing(); };
      return drive(plan, assignment.mode, stop, voice);
    }
    case Job::kBronzeCompact: {
      BronzeCompactJob stage(place, progress);
      return drive(plan_of(job, kCompactIdleWait, stage), assignment.mode, stop, voice);
    }
    case Job::kSilverStage: {
      SilverStageJob stage(place, assignment.mode, stop, progress);
      return drive(plan_of(job, kIdleWait, stage), assignment.mode, stop, voice);
    }
    case Job::kSilverMerge: {
      SilverMergeJob stage(place, merge_config(assignment.input), assignment.mode);
      return drive(plan_of(job, kIdleWait, stage), assignment.mode, stop, voice);
    }
    case Job::kUpkeep: {
      const bool is_asked_for = assignment.jobs.size() == 1 && assignment.mode == Mode::kOnce;
      UpkeepJob stage(place,
                      upkeep_config(place.config, is_asked_for ? Haste::kNow : Haste::kInTime),
                      assignment.mode);
      return drive(plan_of(job, kUpkeepIdleWait, stage), assignment.mode, stop, voice);
    }
  }
  return {};
}

// Whoever takes a role over sweeps what its old holder was writing. To that one, if it wakes up, a
// disk seems to be broken: what it must say is that it was fenced.
Error with_its_cause(Error error, metadata::Role role, const Workplace& place) {
  if (error.kind != ErrorKind::kUnavailable) return error;
  auto store = metadata::MetadataStore::open(place.config.lake.metadata_db,
                                             metadata::Access::kReadOnly, place.clock);
  if (!store) return error;
  const auto state = store->lease_state(role);
  if (!state || state->epoch == place.leases.grant(role).epoch) return error;
  return {ErrorKind::kConflict, "fenced: another process has taken over the role " +
                                    std::string(to_string(role)) + ": holder=" + state->holder +
                                    "; seen by this: " + error.message};
}

// What can be refused before anything is made is refused then.
Status judge(const config::Config& config, const std::vector<Job>& jobs) {
  for (const Job job : jobs) {
    if (job == Job::kBronzeWrite) {
      CDCLAKE_RETURN_IF_ERROR(config::to_status(judge_source(config.source)));
    }
    if (job == Job::kSilverStage) {
      CDCLAKE_RETURN_IF_ERROR(config::to_status(judge_type_files(config.types)));
    }
  }
  return metadata::MetadataStore::judge(config.lake.metadata_db);
}

}  // namespace

std::string_view to_string(Job job) {
  switch (job) {
    case Job::kBronzeWrite:
      return "bronze_write";
    case Job::kBronzeCompact:
      return "bronze_compact";
    case Job::kSilverStage:
      return "silver_stage";
    case Job::kSilverMerge:
      return "silver_merge";
    case Job::kUpkeep:
      return "upkeep";
  }
  return {};
}

upkeep::UpkeepConfig upkeep_config(const config::Config& config, Haste haste) {
  upkeep::UpkeepConfig wanted{.store_path = config.lake.metadata_db,
                              .grace = config.lake.grace,
                              .bronze_age = config.upkeep.bronze_age,
                              .stage_age = config.upkeep.stage_age,
                              .rewrite = {}};
  if (haste == Haste::kNow) wanted.rewrite.quiet = std::chrono::seconds(0);
  return wanted;
}

Status run_jobs(const config::Config& config, const Assignment& assignment,
                const std::stop_token& stop, const Voice& voice, const Clock& clock) {
  std::stop_source inner_stop;
  const std::stop_callback pass_on(stop, [&inner_stop] { inner_stop.request_stop(); });
  FirstError first_error(inner_stop);

  CDCLAKE_RETURN_IF_ERROR(judge(config, assignment.jobs));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto fs, lake::open_posix_lake({config.lake.bronze_base, config.lake.silver_base}));
  std::vector<metadata::Role> roles;
  for (const Job job : assignment.jobs) roles.push_back(role_of(job));
  CDCLAKE_ASSIGN_OR_RETURN(
      const LeaseKeeper leases,
      LeaseKeeper::take(config.lake.metadata_db, roles, clock,
                        [&](const Error& error) { first_error.report(error); }));
  memory::SpareMemory spare(plan_memory(config.memory.limit_bytes, {}).spare_bytes);
  const auto work = [&](Job job) {
    const std::set<metadata::Role> at_once = assignment.mode == Mode::kOnce
                                                 ? std::set{role_of(job)}
                                                 : std::set(roles.begin(), roles.end());
    const MemoryPlan plan = plan_memory(config.memory.limit_bytes, at_once);
    const Workplace place{.config = config,
                          .fs = *fs,
                          .leases = leases,
                          .memory_plan = plan,
                          .spare_memory = spare,
                          .clock = clock};
    const Status status = drive_job(job, assignment, place, inner_stop.get_token(), voice);
    if (!status) first_error.report(with_its_cause(status.error(), role_of(job), place));
  };
  if (assignment.mode == Mode::kOnce) {
    for (const Job job : assignment.jobs) work(job);
  } else {
    std::vector<std::jthread> threads;
    for (const Job job : assignment.jobs) threads.emplace_back(work, job);
  }
  return first_error.status();
}

}  // namespace cdclake::pipeline
