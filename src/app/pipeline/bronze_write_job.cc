#include "app/pipeline/bronze_write_job.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "app/pipeline/make_source.h"
#include "app/pipeline/wording.h"
#include "base/shortened.h"

namespace cdclake::pipeline {
namespace {

bronze::BronzeConfig bronze_config(const config::Config& config) {
  bronze::BronzeConfig bronze{.batch_rows_max = config.bronze.batch_rows_max,
                              .flush_interval = config.bronze.flush_after,
                              .run_time_max = config.bronze.run_time_max,
                              .run_bytes_max = config.bronze.run_bytes_max};
  if (const auto* kafka = std::get_if<config::KafkaConfig>(&config.source)) {
    bronze.kafka_group_id = kafka->group_id;
  }
  return bronze;
}

std::string line_of(const bronze::BronzeReport& report) {
  return counted(report.records, "record") + " written in " + counted(report.files, "file") + ", " +
         counted(report.file_bytes, "byte");
}

std::string line_of(const model::Gap& gap) {
  return shortened(gap.partition.topic) + "/" + std::to_string(gap.partition.partition) +
         ": offsets " + std::to_string(gap.range.first) + " to " +
         std::to_string(gap.range.next - 1) + " are missing: " + gap.reason;
}

bool is_pipe(const std::string& input) {
  struct stat status{};
  return input == "-" || (::stat(input.c_str(), &status) == 0 && !S_ISREG(status.st_mode));
}

}  // namespace

BronzeWriteJob::BronzeWriteJob(const Workplace& place, Mode mode) : place_(place), mode_(mode) {}

std::chrono::milliseconds BronzeWriteJob::idle_wait() const {
  return std::chrono::milliseconds(is_recorded() ? 200 : 0);
}

bool BronzeWriteJob::is_recorded() const {
  return std::holds_alternative<config::RecordedConfig>(place_.config.source);
}

Reopening BronzeWriteJob::reopening() const {
  const auto* recorded = std::get_if<config::RecordedConfig>(&place_.config.source);
  return recorded != nullptr && std::ranges::any_of(recorded->files, is_pipe)
             ? Reopening::kLosesInput
             : Reopening::kReadsAgain;
}

Status BronzeWriteJob::open() {
  stage_.reset();
  heard_ = {};
  CDCLAKE_ASSIGN_OR_RETURN(desk_, Desk::open(place_, metadata::Role::kBronzeWrite));
  const auto hear = [this](source::KafkaLogLevel level, const std::string& message) {
    note(level, message);
  };
  CDCLAKE_ASSIGN_OR_RETURN(
      source_, make_source(place_.config.source, place_.memory_plan, hear, place_.clock));
  const auto config = place_.memory_plan.fitted(bronze_config(place_.config));
  CDCLAKE_RETURN_IF_ERROR(config.validate());
  stage_.emplace(config,
                 bronze::BronzeContext{.fs = place_.fs,
                                       .store = desk_->store(),
                                       .publisher = desk_->publisher(),
                                       .lease = desk_->lease(),
                                       .clock = place_.clock,
                                       .spare_memory = &place_.spare_memory},
                 *source_);
  CDCLAKE_ASSIGN_OR_RETURN(opening_, stage_->open());
  return {};
}

Result<Round> BronzeWriteJob::round(const std::stop_token& stop) {
  if (opening_) return round_of(*std::exchange(opening_, std::nullopt));
  const auto report = stage_->run_round(stop);
  if (!report) return tl::unexpected<Error>(explained(report.error()));
  return round_of(*report);
}

Result<Round> BronzeWriteJob::finish() {
  const auto report = stage_->finish();
  if (!report) return tl::unexpected<Error>(explained(report.error()));
  Round last = round_of(*report);
  if (mode_ == Mode::kOnce && !has_records_ && is_recorded()) {
    last.lines.emplace_back("no record was read");
  }
  return last;
}

Error BronzeWriteJob::explained(Error error) const {
  if (error.kind == ErrorKind::kUnavailable && reopening() == Reopening::kLosesInput) {
    error.message +=
        "; Bronze lacks some of what came through the pipe: when this is mended, pipe it again "
        "from the beginning";
  }
  return error;
}

void BronzeWriteJob::note(source::KafkaLogLevel level, const std::string& message) {
  const bool is_bad =
      level == source::KafkaLogLevel::kError || level == source::KafkaLogLevel::kWarning;
  (is_bad ? heard_.warnings : heard_.lines).push_back("Kafka: " + message);
}

Round BronzeWriteJob::round_of(const bronze::BronzeReport& report) {
  Round round = std::exchange(heard_, {});
  round.run = report.run;
  round.did_work = report.committed() || !report.at_end;  // A poll does the waiting for more.
  round.at_end = report.at_end;
  records_ += report.records;
  if (report.files > 0) round.lines.push_back(line_of(report));
  if (report.records_read_again > 0) {
    round.lines.push_back(counted(report.records_read_again, "record") +
                          " read again, the same as those in Bronze");
  }
  if (report.at_end && is_recorded() && mode_ == Mode::kKeepGoing &&
      !std::exchange(is_end_told_, true)) {
    round.lines.emplace_back(
        "the input is read to its end; what is added to it later is read after the next start");
  }
  has_records_ = has_records_ || records_ > 0 || report.records_read_again > 0;
  for (const model::Gap& gap : report.gaps) round.warnings.push_back(line_of(gap));
  for (const bronze::EndedRun& ended : report.ended) {
    const std::string name = ended.run == report.run ? "this run" : "run " + ended.run.value;
    round.lines.push_back(name + " has ended: " + std::string(metadata::to_string(ended.status)));
  }
  round.progress = counted(records_, "record");
  return round;
}

}  // namespace cdclake::pipeline
