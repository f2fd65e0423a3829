#include "app/pipeline/stage_loops/stage_loop.h"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace cdclake::pipeline {
namespace {

// Sends the lines of a job to the file of the run that they belong to.
class JobVoice {
 public:
  JobVoice(std::string job, const Voice& voice) : job_(std::move(job)), voice_(voice) {}

  void tell(const Round& round) {
    for (const std::string& line : round.lines) log_of(round.run).info(line);
    for (const std::string& line : round.warnings) log_of(round.run).warning(line, round.warned);
    if (voice_.progress && !round.progress.empty()) voice_.progress(job_, round.progress);
  }

  void warn(const std::string& line) { log_of(run_).warning(line); }
  // Whoever called gets the error itself.
  void record_end(const std::string& line) {
    log_of(run_).error(line, logging::Audience::kFileOnly);
  }

 private:
  const logging::LineLog& log_of(const RunId& run) {
    if (!log_ || run_ != run) {
      log_ = run.empty() ? voice_.log->job(job_) : voice_.log->run(job_, run);
      run_ = run;
    }
    return *log_;
  }

  std::string job_;
  const Voice& voice_;
  RunId run_;
  std::optional<logging::LineLog> log_;
};

// What went wrong since the last good round.
struct Trouble {
  int failures = 0;
  bool owes = false;  // Something was read that is not committed.
};

// Rounds until the end, the stop or an error. A good round ends the trouble before it.
Status run_rounds(const StagePlan& plan, Mode mode, const std::stop_token& stop, JobVoice& voice,
                  Trouble& trouble) {
  CDCLAKE_RETURN_IF_ERROR(plan.open());
  while (!stop.stop_requested()) {
    const auto round = plan.round(stop);
    if (!round) {
      trouble.owes = trouble.owes || !plan.owes_nothing || !plan.owes_nothing();
      return tl::unexpected<Error>(round.error());
    }
    trouble = {};
    voice.tell(*round);
    if (mode == Mode::kOnce && round->at_end) break;
    if (!round->did_work) wait_for(plan.idle_wait, stop);
  }
  trouble.owes = true;
  CDCLAKE_ASSIGN_OR_RETURN(const Round last, plan.finish());
  voice.tell(last);
  return {};
}

}  // namespace

Status drive(const StagePlan& plan, Mode mode, const std::stop_token& stop, const Voice& voice) {
  JobVoice job_voice(plan.job, voice);
  const Mode patience = plan.reopening == Reopening::kLosesInput ? Mode::kOnce : mode;
  Trouble trouble;
  Status status;
  while (!stop.stop_requested()) {
    status = run_rounds(plan, mode, stop, job_voice, trouble);
    if (status || status.error().kind == ErrorKind::kCancelled) return {};
    const auto wait = wait_before_retry(status.error().kind, ++trouble.failures, patience);
    if (!wait) {
      job_voice.record_end(status.error().message);
      return status;
    }
    job_voice.warn(status.error().message +
                   (stop.stop_requested()
                        ? ""
                        : "; trying again in " + std::to_string(wait->count()) + " ms"));
    wait_for(*wait, stop);
  }
  return trouble.owes ? status : Status();
}

void wait_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace cdclake::pipeline
