#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "app/pipeline/stage_loops/stage_loop.h"
#include "app/pipeline/stage_loops/workplace.h"
#include "model/record_source.h"
#include "stages/bronze/bronze_stage.h"
#include "stages/source/kafka_brokers/kafka_client.h"

namespace cdclake::pipeline {

/// Drives `bronze write`: a source's records into Bronze.
class BronzeWriteJob {
 public:
  BronzeWriteJob(const Workplace& place, Mode mode);

  /// A broker is waited for by asking it; files have nothing more to say.
  std::chrono::milliseconds idle_wait() const;

  /// What came through a pipe does not come again.
  Reopening reopening() const;

  Status open();
  Result<Round> round(const std::stop_token& stop);
  Result<Round> finish();

  /// Whether all that was read before a round failed is committed.
  bool owes_nothing() const { return stage_->owes_nothing(); }

 private:
  bool is_recorded() const;
  Error explained(Error error) const;
  Round round_of(const bronze::BronzeReport& report);
  void note(source::KafkaLogLevel level, const std::string& message);

  const Workplace& place_;
  const Mode mode_;
  bool has_records_ = false;  ///< Whether there was any record, new or read again.
  bool is_end_told_ = false;  ///< Of the recorded topics.
  std::unique_ptr<Desk> desk_;
  Round heard_;  ///< What the source had to say since the last round; it speaks while it is closed,
                 ///< too.
  std::unique_ptr<model::RecordSource> source_;
  std::optional<bronze::BronzeStage> stage_;
  std::optional<bronze::BronzeReport> opening_;  ///< What opening found, until it has been told.
  std::int64_t records_ = 0;
};

}  // namespace cdclake::pipeline
