#include "app/pipeline/make_source.h"

#include <utility>
#include <variant>

#include "stages/source/kafka_source.h"
#include "stages/source/recorded_source.h"

namespace cdclake::pipeline {
namespace {

using SourcePtr = std::unique_ptr<model::RecordSource>;

Result<SourcePtr> make_kafka(const config::KafkaConfig& config, const MemoryPlan& memory,
                             source::KafkaLog log, const Clock& clock) {
  source::KafkaSourceConfig kafka{
      .brokers = config.brokers,
      .topics = config.topics,
      .group_id = config.group_id,
      .librdkafka = config.librdkafka,
      .on_data_loss = config.on_data_loss == config::OnDataLoss::kContinue
                          ? source::OnDataLoss::kContinue
                          : source::OnDataLoss::kStop,
      .batch_bytes_max = memory.poll_bytes_max(),
      .queue_bytes_max = memory.queue_bytes_max()};
  CDCLAKE_RETURN_IF_ERROR(kafka.validate());
  return std::make_unique<source::KafkaSource>(std::move(kafka), std::move(log), clock);
}

Result<SourcePtr> make_recorded(const config::RecordedConfig& config, const MemoryPlan& memory) {
  source::RecordedSourceConfig recorded{.files = config.files,
                                        .incarnation_name = config.incarnation,
                                        .batch_bytes_max = memory.poll_bytes_max()};
  CDCLAKE_RETURN_IF_ERROR(recorded.validate());
  return std::make_unique<source::RecordedSource>(std::move(recorded));
}

}  // namespace

Result<SourcePtr> make_source(const config::SourceConfig& config, const MemoryPlan& memory,
                              source::KafkaLog log, const Clock& clock) {
  if (const auto* recorded = std::get_if<config::RecordedConfig>(&config)) {
    return make_recorded(*recorded, memory);
  }
  return make_kafka(std::get<config::KafkaConfig>(config), memory, std::move(log), clock);
}

}  // namespace cdclake::pipeline
