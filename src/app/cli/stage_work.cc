#include "app/cli/stage_work.h"

#include <algorithm>
#include <variant>

#include "app/cli/version.h"
#include "app/pipeline/lake_status.h"
#include "app/pipeline/stage_loops/stop_signal.h"
#include "app/terminal/progress_line.h"
#include "platform/config/byte_size.h"
#include "platform/logging/log.h"
#include "platform/memory/container_limit.h"

namespace cdclake::cli {
namespace {

using pipeline::Job;

bool has_job(const std::vector<Job>& jobs, Job job) {
  return std::find(jobs.begin(), jobs.end(), job) != jobs.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

// Bronze knows nothing of tables, so only the later stages answer for them; it answers for the
// partitions that it reads.
bool works_on_tables(const std::vector<Job>& jobs) {
  return has_job(jobs, Job::kSilverStage) || has_job(jobs, Job::kSilverMerge);
}

// Exit code 3 lasts as long as its cause: the store is asked, not what this pass happened to see.
Result<ExitCode> judge_lake(const config::LakeConfig& lake, const std::vector<Job>& jobs,
                            const Clock& clock, const logging::LineLog& log) {
  CDCLAKE_ASSIGN_OR_RETURN(auto store, pipeline::open_store_to_read(lake, clock));
  CDCLAKE_ASSIGN_OR_RETURN(const auto status, pipeline::read_lake_status(store, 0));
  const bool all = works_on_tables(jobs);
  const auto lines = all ? pipeline::complaints(status) : pipeline::stop_complaints(status);
  for (const std::string& line : lines) log.warning(line);
  const bool is_good = all ? status.is_complete() : !status.has_stops();
  return is_good ? ExitCode::kDone : ExitCode::kIncomplete;
}

// What a service is and works on, for whoever reads its log a week later.
std::string start_line(const config::Config& config, const std::vector<Job>& jobs) {
  std::string text = "cdclake " + std::string(version()) + " starts";
  const auto* kafka = std::get_if<config::KafkaConfig>(&config.source);
  if (!has_job(jobs, Job::kBronzeWrite)) {
    text += "; jobs=";
    for (const Job job : jobs)
      text += std::string(to_string(job)) + (job == jobs.back() ? "" : ",");
  } else if (kafka != nullptr) {
    text += "; brokers=" + joined(kafka->brokers) + " topics=" + joined(kafka->topics);
  } else {
    text += "; input=" + joined(std::get<config::RecordedConfig>(config.source).files);
  }
  return text + "; bronze=" + config.lake.bronze_base + " silver=" + config.lake.silver_base +
         " store=" + config.lake.metadata_db;
}

// Where the system takes the process down before its own limit is reached, the limit is of no use.
void warn_of_narrow_container(const config::Config& config, const logging::LineLog& log) {
  const auto allowed = memory::container_limit();
  if (!allowed || *allowed >= config.memory.limit_bytes) return;
  log.warning(
      "the container or service may take " + std::to_string(*allowed >> 20) +
      " MiB, less than CDCLAKE_MEMORY_LIMIT=" + config::byte_size_text(config.memory.limit_bytes) +
      ": the system may kill the process; set the limit below it");
}

Result<ExitCode> work(const config::Config& config, const pipeline::Assignment& assignment,
                      const Speech& speech) {
  const SystemClock clock;
  const auto device = speech.err_is_terminal ? terminal::ProgressLine::Device::kTerminal
                                             : terminal::ProgressLine::Device::kOther;
  terminal::ProgressLine progress(device, clock, speech.err);
  const logging::Log log(config.log, clock, [&progress] { progress.clear(); });
  CDCLAKE_ASSIGN_OR_RETURN(auto signal, pipeline::StopSignal::watch());
  const pipeline::Voice voice{.log = &log,
                              .progress = [&progress](std::string_view job, std::string_view text) {
                                progress.show(job, text);
                              }};
  warn_of_narrow_container(config, log.program());
  if (assignment.mode == pipeline::Mode::kKeepGoing)
    log.program().info(start_line(config, assignment.jobs));
  CDCLAKE_RETURN_IF_ERROR(run_jobs(config, assignment, signal.source().get_token(), voice, clock));
  progress.clear();
  const bool was_stopped = signal.source().stop_requested();
  if (was_stopped) log.program().info("stopped as asked; everything that was read is committed");
  const bool answers =
      works_on_tables(assignment.jobs) || has_job(assignment.jobs, Job::kBronzeWrite);
  if (was_stopped || !answers) return ExitCode::kDone;
  return judge_lake(config.lake, assignment.jobs, clock, log.program());
}

}  // namespace

ExitCode run_stages(const Arguments& arguments, const Speech& speech,
                    const std::vector<Job>& jobs) {
  const auto purpose = has_job(jobs, Job::kBronzeWrite) ? config::Purpose::kReadRecords
                                                        : config::Purpose::kWorkInLake;
  const auto loaded = config::load(arguments.inputs, arguments.values("--input"), purpose);
  if (const Status status = loaded.status(); !status) return report(status.error(), speech);
  if (arguments.has("--input-complete") && !arguments.has("--once")) {
    return report({ErrorKind::kInvalidConfig,
                   "--input-complete needs --once: what keeps going waits for records, and would "
                   "take half a key move alone whose other half is still to be staged"},
                  speech);
  }
  const pipeline::Assignment assignment{
      .jobs = jobs,
      .mode = arguments.has("--once") ? pipeline::Mode::kOnce : pipeline::Mode::kKeepGoing,
      .input = arguments.has("--input-complete") ? pipeline::Input::kIsComplete
                                                 : pipeline::Input::kMayGoOn};
  const auto code = work(loaded.config, assignment, speech);
  return code ? *code : report(code.error(), speech);
}

std::vector<CommandOption> stage_options(const std::vector<Job>& jobs) {
  std::vector<CommandOption> options = {
      {.name = "--once",
       .value_name = {},
       .help = "End when the end that was seen at the start is reached, instead of going on."}};
  if (has_job(jobs, Job::kBronzeWrite)) options.push_back(input_option());
  if (has_job(jobs, Job::kSilverMerge)) {
    options.push_back(
        {.name = "--input-complete",
         .value_name = {},
         .help = "With --once: no more records will come; take half a key move whose other "
                 "half is missing as it is."});
  }
  return options;
}

std::vector<config::Group> stage_settings(const std::vector<Job>& jobs) {
  using enum config::Group;
  std::vector<config::Group> groups = {kLake, kMemory, kLog};
  if (has_job(jobs, Job::kBronzeWrite)) {
    for (const config::Group group : {kKafka, kRecorded, kBronze}) groups.push_back(group);
  }
  if (has_job(jobs, Job::kSilverStage)) groups.push_back(kTypes);
  if (has_job(jobs, Job::kUpkeep)) groups.push_back(kUpkeep);
  return groups;
}

}  // namespace cdclake::cli
